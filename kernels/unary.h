// Element-wise functions of one tensor, and gradients that are functions of
// (y, dy) or the like.
#ifndef TRELLIS_KERNELS_UNARY_H_
#define TRELLIS_KERNELS_UNARY_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/dtype.h"
#include "trellis/kernels/unary_fn.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

// y[i] = F(x[i]); y may be x.
template <typename Device, typename T, template <typename> typename F>
class UnaryKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return Device::ForEach(
        c, n_, UnaryElement<T, F>{c.input<T>(0), c.output<T>(0)}, F<T>::kCost);
  }

 private:
  int64_t n_ = 0;  // number of elements
};

// z[i] = F(a[i], b[i]) of inputs of one shape; z may be either.
template <typename Device, typename T, template <typename> typename F>
class UnaryGradKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return Device::ForEach(
        c, n_,
        UnaryGradElement<T, F>{c.input<T>(0), c.input<T>(1), c.output<T>(0)},
        F<T>::kCost);
  }

 private:
  int64_t n_ = 0;  // number of elements
};

// Those of all numbers.
template <typename Device, typename T>
void AddNumericUnaryKernels(KernelRegistry& r, absl::string_view device) {
  constexpr DType type = DTypeOf<T>;
  r.Add<UnaryKernel<Device, T, AbsFn>>("Abs", device, type);
  r.Add<UnaryKernel<Device, T, NegFn>>("Neg", device, type);
  r.Add<UnaryKernel<Device, T, ReluFn>>("Relu", device, type);
  r.Add<UnaryKernel<Device, T, SignFn>>("Sign", device, type);
  r.Add<UnaryKernel<Device, T, SquareFn>>("Square", device, type);
  r.Add<UnaryGradKernel<Device, T, ReluGradFn>>("ReluGrad", device, type);
}

// Those of floating-point numbers only.
template <typename Device, typename T>
void AddFloatUnaryKernels(KernelRegistry& r, absl::string_view device) {
  constexpr DType type = DTypeOf<T>;
  r.Add<UnaryKernel<Device, T, ExpFn>>("Exp", device, type);
  r.Add<UnaryKernel<Device, T, FloorFn>>("Floor", device, type);
  r.Add<UnaryKernel<Device, T, ReciprocalFn>>("Inv", device, type);
  r.Add<UnaryKernel<Device, T, LogFn>>("Log", device, type);
  r.Add<UnaryKernel<Device, T, ReciprocalFn>>("Reciprocal", device, type);
  r.Add<UnaryKernel<Device, T, RsqrtFn>>("Rsqrt", device, type);
  r.Add<UnaryKernel<Device, T, SigmoidFn>>("Sigmoid", device, type);
  r.Add<UnaryKernel<Device, T, SqrtFn>>("Sqrt", device, type);
  r.Add<UnaryKernel<Device, T, TanhFn>>("Tanh", device, type);
  r.Add<UnaryGradKernel<Device, T, ReciprocalGradFn>>("InvGrad", device, type);
  r.Add<UnaryGradKernel<Device, T, ReciprocalGradFn>>("ReciprocalGrad", device,
                                                      type);
  r.Add<UnaryGradKernel<Device, T, RsqrtGradFn>>("RsqrtGrad", device, type);
  r.Add<UnaryGradKernel<Device, T, SigmoidGradFn>>("SigmoidGrad", device, type);
  r.Add<UnaryGradKernel<Device, T, SqrtGradFn>>("SqrtGrad", device, type);
  r.Add<UnaryGradKernel<Device, T, TanhGradFn>>("TanhGrad", device, type);
}

template <typename Device>
void AddUnaryKernels(KernelRegistry& r, absl::string_view device) {
  AddNumericUnaryKernels<Device, float>(r, device);
  AddNumericUnaryKernels<Device, double>(r, device);
  AddNumericUnaryKernels<Device, int32_t>(r, device);
  AddNumericUnaryKernels<Device, int64_t>(r, device);
  AddFloatUnaryKernels<Device, float>(r, device);
  AddFloatUnaryKernels<Device, double>(r, device);
  r.Add<UnaryKernel<Device, bool, LogicalNotFn>>("LogicalNot", device,
                                                 kInvalid);
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_UNARY_H_
