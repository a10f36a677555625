// Gather, GatherV2, UnsortedSegmentSum and DynamicStitch: rows by number.
#ifndef TRELLIS_KERNELS_GATHER_H_
#define TRELLIS_KERNELS_GATHER_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/shape.h"
#include "trellis/kernels/element_types.h"
#include "trellis/kernels/gather_fn.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

// Of a node whose input 2, if it has one, is the axis (GatherV2); else that is
// 0 (Gather). REQUIRES: the value of the axis.
GatherSizes SizesOfGather(const PrepareContext& c);

// indices[i] is not in [0, limit); `shown` is Device::Shown of it.
absl::Status GatherIndexError(int64_t i, absl::string_view shown,
                              int64_t limit);

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
    const auto error = [fn](int64_t row) {
      const int64_t i = fn.IndexOfRow(row);
      return GatherIndexError(i, Device::Shown(fn.indices + i), fn.sizes.limit);
    };
    if constexpr (Device::kThreadPerElement) {
      return Device::ForEachChecked(c, sizes_.rows * sizes_.inner,
                                    GatherElement<T, Index>{fn},
                                    [error, inner = sizes_.inner](int64_t i) {
                                      return error(i / inner);
                                    });
    } else {
      return Device::ForEachChecked(c, sizes_.rows, fn, error, sizes_.inner);
    }
  }

 private:
  GatherSizes sizes_;
};

SegmentSumSizes SizesOfSegmentSum(const PrepareContext& c);

// segment_ids[i] is not below `segments`; `shown` is Device::Shown of it.
absl::Status SegmentIdError(int64_t i, absl::string_view shown,
                            int64_t segments);

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
          return SegmentIdError(r, Device::Shown(check.ids + r),
                                check.segments);
        }));
    if constexpr (Device::kThreadPerElement) {
      return Device::ForEach(c, sizes_.segments * sizes_.inner,
                             SegmentSumElement<T, Index>{sizes_, c.input<T>(0),
                                                         ids, c.output<T>(0)});
    } else {
      // Columns so narrow that one tile's sums are some 16384 additions, and
      // not narrower than a cache line.
      const int64_t grain =
          Device::Grain(std::clamp<int64_t>(2 * sizes_.rows, 1, 2048));
      return Device::ForRanges(
          c, sizes_.inner, grain,
          SegmentSumFn<T, Index>{sizes_, c.input<T>(0), ids, c.output<T>(0)});
    }
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

// ---- registration

template <typename Device, typename T>
using GatherBy32 = GatherKernel<Device, T, int32_t>;
template <typename Device, typename T>
using GatherBy64 = GatherKernel<Device, T, int64_t>;

template <typename Device>
void AddGatherKernels(KernelRegistry& r, absl::string_view device) {
  KernelOptions by32 = {.types = {{"Tindices", kInt32}}};
  KernelOptions by64 = {.types = {{"Tindices", kInt64}}};
  AddMover<GatherBy32, Device>(r, "Gather", device, by32);
  AddMover<GatherBy64, Device>(r, "Gather", device, by64);
  by32.value_inputs = {2};
  by64.value_inputs = {2};
  AddMover<GatherBy32, Device>(r, "GatherV2", device, by32);
  AddMover<GatherBy64, Device>(r, "GatherV2", device, by64);
}

template <typename Device, typename T>
void AddSegmentSumKernels(KernelRegistry& r, absl::string_view device) {
  r.Add<UnsortedSegmentSumKernel<Device, T, int32_t>>(
      "UnsortedSegmentSum", device, DTypeOf<T>,
      {.types = {{"Tindices", kInt32}}, .host_inputs = {2}});
  r.Add<UnsortedSegmentSumKernel<Device, T, int64_t>>(
      "UnsortedSegmentSum", device, DTypeOf<T>,
      {.types = {{"Tindices", kInt64}}, .host_inputs = {2}});
}

template <typename Device, typename T>
using StitchKernel = DynamicStitchKernel<T>;

template <typename Device>
void AddStitchKernels(KernelRegistry& r, absl::string_view device) {
  AddMover<StitchKernel, Device>(r, "DynamicStitch", device,
                                 {.host_inputs = {0, 1}, .host_outputs = {0}});
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_GATHER_H_
