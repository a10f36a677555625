// The index of the largest or smallest element along an axis.
#ifndef TRELLIS_KERNELS_ARG_REDUCE_H_
#define TRELLIS_KERNELS_ARG_REDUCE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/tensor.h"
#include "trellis/kernels/arg_reduce_fn.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

template <typename Device, typename T, typename Index, bool largest>
class ArgReduceKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    const Shape& shape = c.input_shape(0);
    int64_t axis = IntegersOf(*c.input_value(1))[0];
    if (axis < 0) axis += shape.rank();
    n_ = shape.dim(axis);
    for (int i = axis + 1; i < shape.rank(); ++i) inner_ *= shape.dim(i);
    outputs_ = c.output_shape(0).num_elements();
    return absl::OkStatus();
  }

  absl::Status Run(RunContext& c) const override {
    return Device::ForEach(c, outputs_,
                           ArgReduceColumn<T, Index, largest>{
                               c.input<T>(0), c.output<Index>(0), n_, inner_},
                           n_);
  }

 private:
  int64_t n_ = 0;  // length of the axis
  int64_t inner_ = 1;
  int64_t outputs_ = 0;
};

template <typename Device, typename T, typename Index>
void AddArgReduceKernels(KernelRegistry& r, absl::string_view device) {
  const KernelOptions options = {.types = {{"output_type", DTypeOf<Index>}},
                                 .value_inputs = {1}};
  r.Add<ArgReduceKernel<Device, T, Index, true>>("ArgMax", device, DTypeOf<T>,
                                                 options);
  r.Add<ArgReduceKernel<Device, T, Index, false>>("ArgMin", device, DTypeOf<T>,
                                                  options);
}

// For all numbers.
template <typename Device>
void AddArgReduceKernels(KernelRegistry& r, absl::string_view device) {
  const auto add = [&]<typename T>(T) {
    AddArgReduceKernels<Device, T, int32_t>(r, device);
    AddArgReduceKernels<Device, T, int64_t>(r, device);
  };
  add(float{});
  add(double{});
  add(int32_t{});
  add(int64_t{});
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_ARG_REDUCE_H_
