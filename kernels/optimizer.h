// One step of gradient descent, momentum and Adam on one variable. Formulas and
// order of evaluation are TensorFlow's (R7.9, R7.10, R7.14, R7.15).
//
// Variables come by reference or by handle: the kernels do not see which.
// Functors work on ranges, so that what depends on hyper-parameters alone,
// which are scalars in device memory, is computed once per range.
#ifndef TRELLIS_KERNELS_OPTIMIZER_H_
#define TRELLIS_KERNELS_OPTIMIZER_H_

#include <cmath>
#include <cstdint>

#include "absl/status/status.h"
#include "trellis/base/status_macros.h"
#include "trellis/kernels/host_device.h"
#include "trellis/kernels/variable.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

// How many elements make a tile.
inline constexpr int64_t kOptimizerGrain = 4096;

template <typename T>
struct GradientDescentFn {
  T* var;
  const T* lr;
  const T* grad;

  TRELLIS_HOST_DEVICE void operator()(int64_t begin, int64_t end) const {
    const T rate = *lr;
#pragma GCC ivdep
    for (int64_t i = begin; i < end; ++i) var[i] -= grad[i] * rate;
  }
};

template <typename T>
struct MomentumFn {
  T* var;
  T* accum;
  const T* lr;
  const T* grad;
  const T* momentum;
  bool nesterov;

  TRELLIS_HOST_DEVICE void operator()(int64_t begin, int64_t end) const {
    const T rate = *lr, decay = *momentum;
    if (nesterov) {
#pragma GCC ivdep
      for (int64_t i = begin; i < end; ++i) {
        const T a = accum[i] * decay + grad[i];
        accum[i] = a;
        var[i] -= grad[i] * rate + a * decay * rate;
      }
    } else {
#pragma GCC ivdep
      for (int64_t i = begin; i < end; ++i) {
        const T a = accum[i] * decay + grad[i];
        accum[i] = a;
        var[i] -= a * rate;
      }
    }
  }
};

template <typename T>
struct AdamFn {
  T* var;
  T* m;
  T* v;
  const T* beta1_power;
  const T* beta2_power;
  const T* lr;
  const T* beta1;
  const T* beta2;
  const T* epsilon;
  const T* grad;
  bool nesterov;

  TRELLIS_HOST_DEVICE void operator()(int64_t begin, int64_t end) const {
    const T alpha =
        *lr * std::sqrt(T(1) - *beta2_power) / (T(1) - *beta1_power);
    const T b1 = *beta1, rest1 = T(1) - *beta1, rest2 = T(1) - *beta2;
    const T eps = *epsilon;
    if (nesterov) {
#pragma GCC ivdep
      for (int64_t i = begin; i < end; ++i) {
        const T g = grad[i];
        m[i] += (g - m[i]) * rest1;
        v[i] += (g * g - v[i]) * rest2;
        var[i] -= ((g * rest1 + b1 * m[i]) * alpha) / (std::sqrt(v[i]) + eps);
      }
    } else {
#pragma GCC ivdep
      for (int64_t i = begin; i < end; ++i) {
        const T g = grad[i];
        m[i] += (g - m[i]) * rest1;
        v[i] += (g * g - v[i]) * rest2;
        var[i] -= (m[i] * alpha) / (std::sqrt(v[i]) + eps);
      }
    }
  }
};

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
        c, shape_.num_elements(), kOptimizerGrain,
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
        c, shape_.num_elements(), kOptimizerGrain,
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
        c, shape_.num_elements(), kOptimizerGrain,
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

}  // namespace trellis

#endif  // TRELLIS_KERNELS_OPTIMIZER_H_
