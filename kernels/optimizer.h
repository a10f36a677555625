// One step of gradient descent, momentum and Adam on one variable.
//
// Variables come by reference or by handle: the kernels do not see which.
#ifndef TRELLIS_KERNELS_OPTIMIZER_H_
#define TRELLIS_KERNELS_OPTIMIZER_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/base/status_macros.h"
#include "trellis/kernels/optimizer_fn.h"
#include "trellis/kernels/variable.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

// Of an element, most of it memory.
inline constexpr int64_t kOptimizerCost = 8;

// Inputs: var, alpha, delta.
template <typename Device, typename T>
class ApplyGradientDescentKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    shape_ = c.input_shape(2);
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    TRELLIS_RETURN_IF_ERROR(ExpectVariableShape(c.variable_state(0), shape_));
    TRELLIS_RETURN_IF_ERROR(Device::ForRanges(
        c, shape_.num_elements(), Device::Grain(kOptimizerCost),
        GradientDescentFn<T>{c.variable<T>(0), c.input<T>(1), c.input<T>(2)}));
    MarkWritten(c.variable_state(0));
    return absl::OkStatus();
  }

 private:
  Shape shape_;
};

// Inputs: var, accum, lr, grad, momentum.
template <typename Device, typename T>
class ApplyMomentumKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    shape_ = c.input_shape(3);
    nesterov_ = c.attr<bool>("use_nesterov");
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    for (int i = 0; i < 2; ++i) {
      TRELLIS_RETURN_IF_ERROR(ExpectVariableShape(c.variable_state(i), shape_));
    }
    TRELLIS_RETURN_IF_ERROR(Device::ForRanges(
        c, shape_.num_elements(), Device::Grain(kOptimizerCost),
        MomentumFn<T>{c.variable<T>(0), c.variable<T>(1), c.input<T>(2),
                      c.input<T>(3), c.input<T>(4), nesterov_}));
    for (int i = 0; i < 2; ++i) MarkWritten(c.variable_state(i));
    return absl::OkStatus();
  }

 private:
  Shape shape_;
  bool nesterov_ = false;
};

// Inputs: var, m, v, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad.
template <typename Device, typename T>
class ApplyAdamKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    shape_ = c.input_shape(9);
    nesterov_ = c.attr<bool>("use_nesterov");
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    for (int i = 0; i < 3; ++i) {
      TRELLIS_RETURN_IF_ERROR(ExpectVariableShape(c.variable_state(i), shape_));
    }
    TRELLIS_RETURN_IF_ERROR(Device::ForRanges(
        c, shape_.num_elements(), Device::Grain(kOptimizerCost),
        AdamFn<T>{c.variable<T>(0), c.variable<T>(1), c.variable<T>(2),
                  c.input<T>(3), c.input<T>(4), c.input<T>(5), c.input<T>(6),
                  c.input<T>(7), c.input<T>(8), c.input<T>(9), nesterov_}));
    for (int i = 0; i < 3; ++i) MarkWritten(c.variable_state(i));
    return absl::OkStatus();
  }

 private:
  Shape shape_;
  bool nesterov_ = false;
};

// ---- registration

template <typename Device, typename T>
void AddOptimizerKernels(KernelRegistry& r, absl::string_view device) {
  constexpr DType dtype = DTypeOf<T>;
  for (const char* op :
       {"ApplyGradientDescent", "ResourceApplyGradientDescent"}) {
    r.Add<ApplyGradientDescentKernel<Device, T>>(op, device, dtype);
  }
  for (const char* op : {"ApplyMomentum", "ResourceApplyMomentum"}) {
    r.Add<ApplyMomentumKernel<Device, T>>(op, device, dtype);
  }
  for (const char* op : {"ApplyAdam", "ResourceApplyAdam"}) {
    r.Add<ApplyAdamKernel<Device, T>>(op, device, dtype);
  }
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_OPTIMIZER_H_
