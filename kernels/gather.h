// Gather, GatherV2, UnsortedSegmentSum and DynamicStitch: rows by number.
#ifndef TRELLIS_KERNELS_GATHER_H_
#define TRELLIS_KERNELS_GATHER_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/shape.h"
#include "trellis/kernels/host_device.h"
#include "trellis/kernels/wrap.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

struct GatherSizes {
  int64_t outer = 1;  // of each batch
  int64_t limit = 1;  // rows of params to choose from
  int64_t count = 1;  // indices of each batch
  int64_t inner = 1;  // elements of a row
  int64_t rows = 0;   // of the result; 0 if they have no elements
};

// Of a node whose input 2, if it has one, is the axis (GatherV2); else that is
// 0 (Gather). REQUIRES: the value of the axis.
GatherSizes SizesOfGather(const PrepareContext& c);

// indices[i] = index is not in [0, limit).
absl::Status GatherIndexError(int64_t i, int64_t index, int64_t limit);

// Row r of y [batch, outer, count, inner] is the row of params
// [batch, outer, limit, inner] that indices [batch, count] name.
template <typename T, typename Index>
struct GatherFn {
  GatherSizes sizes;
  const T* params;
  const Index* indices;
  T* y;

  TRELLIS_HOST_DEVICE int64_t IndexOfRow(int64_t r) const {
    const int64_t batch = r / (sizes.outer * sizes.count);
    return batch * sizes.count + r % sizes.count;
  }
  TRELLIS_HOST_DEVICE bool operator()(int64_t r) const {
    const int64_t index = static_cast<int64_t>(indices[IndexOfRow(r)]);
    if (index < 0 || index >= sizes.limit) return false;
    const T* from =
        params + (r / sizes.count * sizes.limit + index) * sizes.inner;
    std::copy_n(from, sizes.inner, y + r * sizes.inner);
    return true;
  }
};

// Gather and GatherV2. REQUIRES of the registration: the value of the axis.
// Errors: InvalidArgument, naming the first index out of range.
template <typename Device, typename T, typename Index>
class GatherKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    sizes_ = SizesOfGather(c);
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    const GatherFn<T, Index> fn{sizes_, c.input<T>(0), c.input<Index>(1),
                                c.output<T>(0)};
    return Device::ForEachChecked(
        c, sizes_.rows, fn,
        [fn](int64_t row) {
          const int64_t i = fn.IndexOfRow(row);
          return GatherIndexError(i, fn.indices[i], fn.sizes.limit);
        },
        sizes_.inner);
  }

 private:
  GatherSizes sizes_;
};

struct SegmentSumSizes {
  int64_t rows = 0, inner = 1, segments = 0;
};

SegmentSumSizes SizesOfSegmentSum(const PrepareContext& c);

// segment_ids[i] = id is not below `segments`.
absl::Status SegmentIdError(int64_t i, int64_t id, int64_t segments);

// Columns [begin, end) of y [segments, inner] = sums over the rows of data
// [rows, inner]. Rows are added in order, whatever the tiles.
template <typename T, typename Index>
struct SegmentSumFn {
  SegmentSumSizes sizes;
  const T* data;
  const Index* ids;
  T* y;

  TRELLIS_HOST_DEVICE void operator()(int64_t begin, int64_t end) const {
    const int64_t inner = sizes.inner;
    for (int64_t s = 0; s < sizes.segments; ++s) {
      std::fill(y + s * inner + begin, y + s * inner + end, T(0));
    }
    for (int64_t r = 0; r < sizes.rows; ++r) {
      if (ids[r] < 0) continue;
      const T* from = data + r * inner;
      T* to = y + static_cast<int64_t>(ids[r]) * inner;
      for (int64_t i = begin; i < end; ++i) to[i] = WrapAdd(to[i], from[i]);
    }
  }
};

// Is the id of row r a segment's, or negative?
template <typename Index>
struct SegmentIdFn {
  const Index* ids;
  int64_t segments;
  TRELLIS_HOST_DEVICE bool operator()(int64_t r) const {
    return ids[r] < segments;
  }
};

template <typename Device, typename T, typename Index>
class UnsortedSegmentSumKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    sizes_ = SizesOfSegmentSum(c);
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    const Index* ids = c.input<Index>(1);
    const SegmentIdFn<Index> check{ids, sizes_.segments};
    TRELLIS_RETURN_IF_ERROR(
        Device::ForEachChecked(c, sizes_.rows, check, [check](int64_t r) {
          return SegmentIdError(r, check.ids[r], check.segments);
        }));
    // Columns so narrow that one tile's sums are some 16384 additions, and not
    // narrower than a cache line.
    const int64_t grain =
        Device::Grain(std::clamp<int64_t>(2 * sizes_.rows, 1, 2048));
    return Device::ForRanges(
        c, sizes_.inner, grain,
        SegmentSumFn<T, Index>{sizes_, c.input<T>(0), ids, c.output<T>(0)});
  }

 private:
  SegmentSumSizes sizes_;
};

struct StitchSizes {
  std::vector<int64_t> counts;   // of the indices of each input
  std::vector<int64_t> suffix;   // shape of a slice
  int64_t inner = 1;             // elements of a slice
  int64_t length = kUnknownDim;  // slices of the result
};

StitchSizes SizesOfStitch(const PrepareContext& c);

// How many slices the result has; output 0 has memory for them after this.
// InvalidArgument for an index that is negative, or beyond a known length.
absl::StatusOr<int64_t> StitchedLength(const StitchSizes& sizes, RunContext& c);

// On the host: slices may overwrite each other, so they are copied in order.
template <typename T>
class DynamicStitchKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    sizes_ = SizesOfStitch(c);
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    TRELLIS_ASSIGN_OR_RETURN(const int64_t length, StitchedLength(sizes_, c));
    const int64_t inner = sizes_.inner;
    T* y = c.output<T>(0);
    std::fill_n(y, length * inner, T());
    const int n = static_cast<int>(sizes_.counts.size());
    for (int i = 0; i < n; ++i) {
      const int32_t* indices = c.input<int32_t>(i);
      const T* data = c.input<T>(n + i);
      for (int64_t j = 0; j < sizes_.counts[i]; ++j) {
        std::copy_n(data + j * inner, inner, y + indices[j] * inner);
      }
    }
    return absl::OkStatus();
  }

 private:
  StitchSizes sizes_;
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_GATHER_H_
