// Slice and Pad: copies out of a block of a tensor, or into one.
#ifndef TRELLIS_KERNELS_SLICE_H_
#define TRELLIS_KERNELS_SLICE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/tensor.h"
#include "trellis/kernels/element_types.h"
#include "trellis/kernels/fill.h"
#include "trellis/kernels/strided_copy.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

// REQUIRES of the registration: the value of begin, input 1.
template <typename Device, typename T>
class SliceKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    const Shape& y = c.output_shape(0);
    const std::vector<int64_t> begin = IntegersOf(*c.input_value(1));
    const std::vector<int64_t> x_strides = RowMajorStrides(c.input_shape(0));
    const std::vector<int64_t> y_strides = RowMajorStrides(y);
    for (int d = 0; d < y.rank(); ++d) {
      copy_.x_begin += begin[d] * x_strides[d];
      TRELLIS_RETURN_IF_ERROR(
          AddDim(copy_, y.dim(d), x_strides[d], y_strides[d]));
    }
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return RunStridedCopy<Device>(c, copy_, c.input<T>(0), c.output<T>(0));
  }

 private:
  StridedCopy copy_;
};

// REQUIRES of the registration: the value of paddings, input 1.
template <typename Device, typename T>
class PadKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    const Shape &x = c.input_shape(0), &y = c.output_shape(0);
    n_ = y.num_elements();
    const std::vector<int64_t> paddings = IntegersOf(*c.input_value(1));
    const std::vector<int64_t> x_strides = RowMajorStrides(x);
    const std::vector<int64_t> y_strides = RowMajorStrides(y);
    for (int d = 0; d < x.rank(); ++d) {
      copy_.y_begin += paddings[2 * d] * y_strides[d];
      TRELLIS_RETURN_IF_ERROR(
          AddDim(copy_, x.dim(d), x_strides[d], y_strides[d]));
    }
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    T* y = c.output<T>(0);
    TRELLIS_RETURN_IF_ERROR(
        Device::ForRanges(c, n_, Device::kCopyGrain, FillFn<T>{T(), y}));
    return RunStridedCopy<Device>(c, copy_, c.input<T>(0), y);
  }

 private:
  int64_t n_ = 0;
  StridedCopy copy_;
};

// ---- registration

template <typename Device>
void AddSliceKernels(KernelRegistry& r, absl::string_view device) {
  AddMover<SliceKernel, Device>(r, "Slice", device,
                                {.host_inputs = {2}, .value_inputs = {1}});
  AddMover<PadKernel, Device>(r, "Pad", device, {.value_inputs = {1}});
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_SLICE_H_
