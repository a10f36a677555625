// The functions of unary kernels (unary.h), as the host's compiler and the
// GPU's see them.
#ifndef TRELLIS_KERNELS_UNARY_FN_H_
#define TRELLIS_KERNELS_UNARY_FN_H_

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "trellis/kernels/host_device.h"
#include "trellis/kernels/wrap.h"

namespace trellis {

// ---- the functions; kCost is theirs in units of Device::ForEach

template <typename T>
struct AbsFn {
  static constexpr int64_t kCost = 1;
  TRELLIS_HOST_DEVICE T operator()(T x) const {
    if constexpr (std::is_integral_v<T>) {
      return x < 0 ? WrapNeg(x) : x;
    } else {
      return std::abs(x);
    }
  }
};

template <typename T>
struct ExpFn {
  static constexpr int64_t kCost = 8;
  TRELLIS_HOST_DEVICE T operator()(T x) const { return std::exp(x); }
};

template <typename T>
struct FloorFn {
  static constexpr int64_t kCost = 1;
  TRELLIS_HOST_DEVICE T operator()(T x) const { return std::floor(x); }
};

template <typename T>
struct LogFn {
  static constexpr int64_t kCost = 8;
  TRELLIS_HOST_DEVICE T operator()(T x) const { return std::log(x); }
};

template <typename T>
struct LogicalNotFn {
  static constexpr int64_t kCost = 1;
  TRELLIS_HOST_DEVICE T operator()(T x) const { return !x; }
};

template <typename T>
struct NegFn {
  static constexpr int64_t kCost = 1;
  TRELLIS_HOST_DEVICE T operator()(T x) const { return WrapNeg(x); }
};

template <typename T>
struct ReciprocalFn {
  static constexpr int64_t kCost = 2;
  TRELLIS_HOST_DEVICE T operator()(T x) const { return T{1} / x; }
};

template <typename T>
struct ReluFn {
  static constexpr int64_t kCost = 1;
  TRELLIS_HOST_DEVICE T operator()(T x) const { return x < 0 ? T{0} : x; }
};

template <typename T>
struct RsqrtFn {
  static constexpr int64_t kCost = 4;
  TRELLIS_HOST_DEVICE T operator()(T x) const { return T{1} / std::sqrt(x); }
};

template <typename T>
struct SigmoidFn {
  static constexpr int64_t kCost = 10;
  TRELLIS_HOST_DEVICE T operator()(T x) const {
    return T{1} / (T{1} + std::exp(-x));
  }
};

template <typename T>
struct SignFn {
  static constexpr int64_t kCost = 1;
  TRELLIS_HOST_DEVICE T operator()(T x) const {
    return static_cast<T>((x > 0) - (x < 0));
  }
};

template <typename T>
struct SqrtFn {
  static constexpr int64_t kCost = 2;
  TRELLIS_HOST_DEVICE T operator()(T x) const { return std::sqrt(x); }
};

template <typename T>
struct SquareFn {
  static constexpr int64_t kCost = 1;
  TRELLIS_HOST_DEVICE T operator()(T x) const { return WrapMul(x, x); }
};

template <typename T>
struct TanhFn {
  static constexpr int64_t kCost = 16;
  TRELLIS_HOST_DEVICE T operator()(T x) const { return std::tanh(x); }
};

// ---- gradients, of the two inputs in their order

template <typename T>
struct ReciprocalGradFn {
  static constexpr int64_t kCost = 1;
  TRELLIS_HOST_DEVICE T operator()(T y, T dy) const { return -y * dy * y; }
};

template <typename T>
struct ReluGradFn {
  static constexpr int64_t kCost = 1;
  TRELLIS_HOST_DEVICE T operator()(T gradient, T feature) const {
    return feature > 0 ? gradient : T{0};
  }
};

template <typename T>
struct RsqrtGradFn {
  static constexpr int64_t kCost = 1;
  TRELLIS_HOST_DEVICE T operator()(T y, T dy) const {
    return T(-0.5) * (dy * y) * (y * y);
  }
};

template <typename T>
struct SigmoidGradFn {
  static constexpr int64_t kCost = 1;
  TRELLIS_HOST_DEVICE T operator()(T y, T dy) const {
    return dy * y * (T{1} - y);
  }
};

template <typename T>
struct SqrtGradFn {
  static constexpr int64_t kCost = 2;
  TRELLIS_HOST_DEVICE T operator()(T y, T dy) const { return T(0.5) * dy / y; }
};

template <typename T>
struct TanhGradFn {
  static constexpr int64_t kCost = 1;
  TRELLIS_HOST_DEVICE T operator()(T y, T dy) const {
    return dy * (T{1} - y * y);
  }
};

// ---- over tensors

// y[i] = F(x[i]); y may be x.
template <typename T, template <typename> typename F>
struct UnaryElement {
  const T* x;
  T* y;
  TRELLIS_HOST_DEVICE void operator()(int64_t i) const { y[i] = F<T>()(x[i]); }
};

// z[i] = F(a[i], b[i]); z may be either.
template <typename T, template <typename> typename F>
struct UnaryGradElement {
  const T* a;
  const T* b;
  T* z;
  TRELLIS_HOST_DEVICE void operator()(int64_t i) const {
    const T x = a[i], y = b[i];
    z[i] = F<T>()(x, y);
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_UNARY_FN_H_
