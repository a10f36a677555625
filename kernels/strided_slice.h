// StridedSlice and StridedSliceGrad: copies between a packed tensor and regular
// places in another one.
#ifndef TRELLIS_KERNELS_STRIDED_SLICE_H_
#define TRELLIS_KERNELS_STRIDED_SLICE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/strided_slice.h"
#include "trellis/graph/tensor.h"
#include "trellis/kernels/element_types.h"
#include "trellis/kernels/fill.h"
#include "trellis/kernels/strided_copy.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

// The slice of a tensor of shape x that the node's masks and inputs 1 to 3
// (begin, end, strides) name.
inline absl::StatusOr<StridedSlice> SliceOfNode(const PrepareContext& c,
                                                const Shape& x) {
  std::vector<std::optional<int64_t>> bounds[3];
  for (int i = 0; i < 3; ++i) {
    const std::vector<int64_t> values = IntegersOf(*c.input_value(i + 1));
    bounds[i].assign(values.begin(), values.end());
  }
  return ResolveStridedSlice(
      x, bounds[0], bounds[1], bounds[2],
      {.begin = c.attr<int64_t>("begin_mask"),
       .end = c.attr<int64_t>("end_mask"),
       .ellipsis = c.attr<int64_t>("ellipsis_mask"),
       .new_axis = c.attr<int64_t>("new_axis_mask"),
       .shrink_axis = c.attr<int64_t>("shrink_axis_mask")});
}

// The copy between the slice, packed, and its places in a tensor of shape
// `whole`. The packed side is y if `out`, else x.
inline absl::StatusOr<StridedCopy> MakeSliceCopy(const StridedSlice& slice,
                                                 const Shape& whole, bool out) {
  const std::vector<int64_t> strides = RowMajorStrides(whole);
  std::vector<int64_t> packed(whole.rank());
  int64_t n = 1;
  for (int d = whole.rank() - 1; d >= 0; --d) {
    packed[d] = n;
    n *= slice.ranges[d].size;
  }
  StridedCopy copy;
  for (int d = 0; d < whole.rank(); ++d) {
    const StridedSlice::Range& range = slice.ranges[d];
    const int64_t stride = range.stride * strides[d];
    (out ? copy.x_begin : copy.y_begin) += range.begin * strides[d];
    TRELLIS_RETURN_IF_ERROR(AddDim(copy, range.size, out ? stride : packed[d],
                                   out ? packed[d] : stride));
  }
  return copy;
}

// REQUIRES of the registration: the values of inputs 1 to 3.
template <typename Device, typename T>
class StridedSliceKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    const Shape& x = c.input_shape(0);
    TRELLIS_ASSIGN_OR_RETURN(const StridedSlice slice, SliceOfNode(c, x));
    TRELLIS_ASSIGN_OR_RETURN(copy_, MakeSliceCopy(slice, x, /*out=*/true));
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return RunStridedCopy<Device>(c, copy_, c.input<T>(0), c.output<T>(0));
  }

 private:
  StridedCopy copy_;
};

// REQUIRES of the registration: the values of inputs 1 to 3.
template <typename Device, typename T>
class StridedSliceGradKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    const Shape& x = c.output_shape(0);
    n_ = x.num_elements();
    TRELLIS_ASSIGN_OR_RETURN(const StridedSlice slice, SliceOfNode(c, x));
    TRELLIS_ASSIGN_OR_RETURN(copy_, MakeSliceCopy(slice, x, /*out=*/false));
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    T* y = c.output<T>(0);
    TRELLIS_RETURN_IF_ERROR(
        Device::ForRanges(c, n_, Device::kCopyGrain, FillFn<T>{T(), y}));
    return RunStridedCopy<Device>(c, copy_, c.input<T>(4), y);
  }

 private:
  int64_t n_ = 0;
  StridedCopy copy_;
};

// ---- registration

template <typename Device>
void AddStridedSliceKernels(KernelRegistry& r, absl::string_view device) {
  AddMover<StridedSliceKernel, Device>(r, "StridedSlice", device,
                                       {.value_inputs = {1, 2, 3}});
  AddMover<StridedSliceGradKernel, Device>(
      r, "StridedSliceGrad", device,
      {.host_inputs = {0}, .value_inputs = {1, 2, 3}});
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_STRIDED_SLICE_H_
