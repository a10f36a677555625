// The functions of binary kernels (binary.h), as the host's compiler and the
// GPU's see them; for the loops of element_wise_fn.h.
#ifndef TRELLIS_KERNELS_BINARY_FN_H_
#define TRELLIS_KERNELS_BINARY_FN_H_

#include <cmath>
#include <cstdint>

#include "trellis/kernels/host_device.h"
#include "trellis/kernels/wrap.h"

namespace trellis {

template <typename T, int64_t cost = 1>
struct BinaryFn {
  using In = T;
  using Out = T;
  static constexpr int64_t kCost = cost;
};

template <typename T>
struct AddFn : BinaryFn<T> {
  TRELLIS_HOST_DEVICE T operator()(const T& x, const T& y) const {
    return WrapAdd(x, y);
  }
};

template <typename T>
struct SubFn : BinaryFn<T> {
  TRELLIS_HOST_DEVICE T operator()(T x, T y) const { return WrapSub(x, y); }
};

template <typename T>
struct MulFn : BinaryFn<T> {
  TRELLIS_HOST_DEVICE T operator()(T x, T y) const { return WrapMul(x, y); }
};

template <typename T>
struct MaximumFn : BinaryFn<T> {
  TRELLIS_HOST_DEVICE T operator()(T x, T y) const { return x < y ? y : x; }
};

template <typename T>
struct MinimumFn : BinaryFn<T> {
  TRELLIS_HOST_DEVICE T operator()(T x, T y) const { return y < x ? y : x; }
};

template <typename T>
struct SquaredDifferenceFn : BinaryFn<T> {
  TRELLIS_HOST_DEVICE T operator()(T x, T y) const {
    const T difference = WrapSub(x, y);
    return WrapMul(difference, difference);
  }
};

template <typename T>
struct RealDivFn : BinaryFn<T, 2> {
  TRELLIS_HOST_DEVICE T operator()(T x, T y) const { return x / y; }
};

// ---- divisions of floating-point numbers

template <typename T>
struct FloorDivFn : BinaryFn<T, 4> {
  TRELLIS_HOST_DEVICE T operator()(T x, T y) const { return std::floor(x / y); }
};

template <typename T>
struct FloorModFn : BinaryFn<T, 16> {
  TRELLIS_HOST_DEVICE T operator()(T x, T y) const {
    const T rest = std::fmod(x, y);
    return (x < 0) == (y < 0) ? rest : std::fmod(rest + y, y);
  }
};

template <typename T>
struct PowFn : BinaryFn<T, 32> {
  TRELLIS_HOST_DEVICE T operator()(T x, T y) const { return std::pow(x, y); }
};

// ---- and of integers

template <typename T>
struct IntegerDivisionFn : BinaryFn<T, 16> {
  static constexpr const char* kRefusal = "integer division by zero";
  static constexpr const char* kRefused = "0";
  TRELLIS_HOST_DEVICE static bool Accepts(T y) { return y != 0; }
  // -1 is its own case: the lowest number divided by it does not fit, and the
  // processor traps.
  TRELLIS_HOST_DEVICE static bool IsSpecial(T y) { return y == 0 || y == -1; }
};

template <typename T>
struct IntegerDivFn : IntegerDivisionFn<T> {
  TRELLIS_HOST_DEVICE T operator()(T x, T y) const {
    return this->IsSpecial(y) ? WrapMul(x, y) : x / y;
  }
};

template <typename T>
struct IntegerFloorDivFn : IntegerDivisionFn<T> {
  TRELLIS_HOST_DEVICE T operator()(T x, T y) const {
    if (this->IsSpecial(y)) return WrapMul(x, y);
    const T quotient = x / y;
    return x % y != 0 && (x < 0) != (y < 0) ? quotient - 1 : quotient;
  }
};

template <typename T>
struct IntegerFloorModFn : IntegerDivisionFn<T> {
  TRELLIS_HOST_DEVICE T operator()(T x, T y) const {
    if (this->IsSpecial(y)) return 0;
    const T rest = x % y;
    return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
  }
};

template <typename T>
struct IntegerPowFn : BinaryFn<T, 16> {
  static constexpr const char* kRefusal = "an integer to a negative power";
  static constexpr const char* kRefused = "negative";
  TRELLIS_HOST_DEVICE static bool Accepts(T y) { return y >= 0; }
  TRELLIS_HOST_DEVICE T operator()(T x, T y) const {
    T power = 1;
    for (; y > 0; y >>= 1) {
      if ((y & 1) != 0) power = WrapMul(power, x);
      x = WrapMul(x, x);
    }
    return power;
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_BINARY_FN_H_
