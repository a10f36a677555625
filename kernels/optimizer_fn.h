// The arithmetic of optimizers, as the host's compiler and the GPU's see it.
// Formulas and order of evaluation are TensorFlow's (R7.9, R7.10, R7.14,
// R7.15).
//
// Functors work on ranges, so that what depends on hyper-parameters alone,
// which are scalars in the device's memory, is computed once per range.
#ifndef TRELLIS_KERNELS_OPTIMIZER_FN_H_
#define TRELLIS_KERNELS_OPTIMIZER_FN_H_

#include <cmath>
#include <cstdint>

#include "trellis/kernels/host_device.h"

namespace trellis {

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

}  // namespace trellis

#endif  // TRELLIS_KERNELS_OPTIMIZER_FN_H_
