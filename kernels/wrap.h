// Arithmetic that is defined for all operands: of integers it wraps around, as
// TensorFlow's does; of anything else it is the operator.
#ifndef TRELLIS_KERNELS_WRAP_H_
#define TRELLIS_KERNELS_WRAP_H_

#include <type_traits>

#include "trellis/kernels/host_device.h"

namespace trellis {

template <typename T>
TRELLIS_HOST_DEVICE T WrapAdd(const T& a, const T& b) {
  if constexpr (std::is_integral_v<T>) {
    using U = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<U>(a) + static_cast<U>(b));
  } else {
    return a + b;
  }
}

template <typename T>
TRELLIS_HOST_DEVICE T WrapSub(const T& a, const T& b) {
  if constexpr (std::is_integral_v<T>) {
    using U = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<U>(a) - static_cast<U>(b));
  } else {
    return a - b;
  }
}

template <typename T>
TRELLIS_HOST_DEVICE T WrapMul(const T& a, const T& b) {
  if constexpr (std::is_integral_v<T>) {
    // Of a type that is not promoted to int, which could overflow.
    using U = std::common_type_t<std::make_unsigned_t<T>, unsigned>;
    return static_cast<T>(static_cast<U>(a) * static_cast<U>(b));
  } else {
    return a * b;
  }
}

template <typename T>
TRELLIS_HOST_DEVICE T WrapNeg(const T& a) {
  if constexpr (std::is_integral_v<T>) {
    return WrapSub(T{0}, a);
  } else {
    return -a;
  }
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_WRAP_H_
