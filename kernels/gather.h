// Gather, GatherV2, UnsortedSegmentSum and DynamicStitch: rows by number.
#ifndef TRELLIS_KERNELS_GATHER_H_
#define TRELLIS_KERNELS_GATHER_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/tensor.h"
#include "trellis/kernels/fill.h"
#include "trellis/kernels/host_device.h"
#include "trellis/kernels/strided_copy.h"
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
};

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

// `axis_input` < 0: the axis is 0 (Gather).
// REQUIRES of the registration: the value of axis.
// Errors: InvalidArgument, naming the first index out of range.
template <typename Device, typename T, typename Index, int axis_input>
class GatherKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    const Shape &params = c.input_shape(0), &indices = c.input_shape(1);
    int64_t axis = 0, batch_dims = 0;
    if constexpr (axis_input >= 0) {
      axis = IntegersOf(*c.input_value(axis_input))[0];
      if (axis < 0) axis += params.rank();
      batch_dims = c.attr<int64_t>("batch_dims");
      if (batch_dims < 0) batch_dims += indices.rank();
    }
    for (int d = 0; d < params.rank(); ++d) {
      if (d >= batch_dims && d < axis) sizes_.outer *= params.dim(d);
      if (d > axis) sizes_.inner *= params.dim(d);
    }
    sizes_.limit = params.dim(static_cast<int>(axis));
    for (int d = static_cast<int>(batch_dims); d < indices.rank(); ++d) {
      sizes_.count *= indices.dim(d);
    }
    rows_ =
        sizes_.inner == 0 ? 0 : c.output_shape(0).num_elements() / sizes_.inner;
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    const GatherFn<T, Index> fn{sizes_, c.input<T>(0), c.input<Index>(1),
                                c.output<T>(0)};
    return Device::ForEachChecked(
        c, rows_, fn,
        [fn](int64_t row) {
          const int64_t i = fn.IndexOfRow(row);
          return absl::InvalidArgumentError(
              absl::StrCat("indices[", i, "] = ", fn.indices[i],
                           " is not in [0, ", fn.sizes.limit, ")"));
        },
        sizes_.inner);
  }

 private:
  GatherSizes sizes_;
  int64_t rows_ = 0;
};

template <typename Device, typename T, typename Index>
using GatherV1Kernel = GatherKernel<Device, T, Index, -1>;
template <typename Device, typename T, typename Index>
using GatherV2Kernel = GatherKernel<Device, T, Index, 2>;

// Columns [begin, end) of y [segments, inner] = sums over the rows of data
// [rows, inner]. Rows are added in order, whatever the tiles.
template <typename T, typename Index>
struct SegmentSumFn {
  int64_t rows, inner, segments;
  const T* data;
  const Index* ids;
  T* y;

  TRELLIS_HOST_DEVICE void operator()(int64_t begin, int64_t end) const {
    for (int64_t s = 0; s < segments; ++s) {
      std::fill(y + s * inner + begin, y + s * inner + end, T(0));
    }
    for (int64_t r = 0; r < rows; ++r) {
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
    const Shape& data = c.input_shape(0);
    segments_ = c.output_shape(0).dim(0);
    rows_ = c.input_shape(1).num_elements();
    for (int d = c.input_shape(1).rank(); d < data.rank(); ++d) {
      inner_ *= data.dim(d);
    }
    // Columns so narrow that one tile's sums are some 16384 additions.
    grain_ = std::max<int64_t>(16, kCopyGrain / std::max<int64_t>(1, rows_));
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    const Index* ids = c.input<Index>(1);
    const SegmentIdFn<Index> check{ids, segments_};
    TRELLIS_RETURN_IF_ERROR(
        Device::ForEachChecked(c, rows_, check, [check](int64_t r) {
          return absl::InvalidArgumentError(
              absl::StrCat("segment_ids[", r, "] = ", check.ids[r],
                           " is not below ", check.segments));
        }));
    return Device::ForRanges(
        c, inner_, grain_,
        SegmentSumFn<T, Index>{rows_, inner_, segments_, c.input<T>(0), ids,
                               c.output<T>(0)});
  }

 private:
  int64_t rows_ = 0, inner_ = 1, segments_ = 0, grain_ = 1;
};

// On the host: slices may overwrite each other, so they are copied in order.
template <typename T>
class DynamicStitchKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    const int n = c.num_inputs() / 2;
    for (int i = 0; i < n; ++i) {
      counts_.push_back(c.input_shape(i).num_elements());
    }
    const Shape &indices = c.input_shape(0), &data = c.input_shape(n);
    suffix_.assign(data.dims().begin() + indices.rank(), data.dims().end());
    for (int64_t dim : suffix_) inner_ *= dim;
    if (c.output_shape(0).fully_defined()) length_ = c.output_shape(0).dim(0);
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    TRELLIS_ASSIGN_OR_RETURN(const int64_t length, Length(c));
    if (length_ == kUnknownDim) {
      std::vector<int64_t> dims = {length};
      dims.insert(dims.end(), suffix_.begin(), suffix_.end());
      TRELLIS_ASSIGN_OR_RETURN(const Shape shape, Shape::Make(dims));
      TRELLIS_RETURN_IF_ERROR(c.AllocateOutput(0, shape));
    } else if (length > length_) {
      return absl::InvalidArgumentError(
          absl::StrCat("index ", length - 1, " is not in [0, ", length_, ")"));
    }
    T* y = c.output<T>(0);
    std::fill_n(y, (length_ == kUnknownDim ? length : length_) * inner_, T());
    const int n = static_cast<int>(counts_.size());
    for (int i = 0; i < n; ++i) {
      const int32_t* indices = c.input<int32_t>(i);
      const T* data = c.input<T>(n + i);
      for (int64_t j = 0; j < counts_[i]; ++j) {
        std::copy_n(data + j * inner_, inner_, y + indices[j] * inner_);
      }
    }
    return absl::OkStatus();
  }

 private:
  // The largest index + 1. InvalidArgument for a negative index.
  absl::StatusOr<int64_t> Length(RunContext& c) const {
    int64_t length = 0;
    for (size_t i = 0; i < counts_.size(); ++i) {
      const int32_t* indices = c.input<int32_t>(static_cast<int>(i));
      for (int64_t j = 0; j < counts_[i]; ++j) {
        if (indices[j] < 0) {
          return absl::InvalidArgumentError(
              absl::StrCat("index ", indices[j], " is negative"));
        }
        length = std::max<int64_t>(length, int64_t{indices[j]} + 1);
      }
    }
    return length;
  }

  std::vector<int64_t> counts_;  // of the indices of each input
  std::vector<int64_t> suffix_;  // shape of a slice
  int64_t inner_ = 1;            // elements of a slice
  int64_t length_ = kUnknownDim;
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_GATHER_H_
