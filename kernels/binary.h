// Arithmetic of two tensors.
#ifndef TRELLIS_KERNELS_BINARY_H_
#define TRELLIS_KERNELS_BINARY_H_

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/dtype.h"
#include "trellis/kernels/element_wise.h"
#include "trellis/kernels/host_device.h"
#include "trellis/kernels/wrap.h"
#include "trellis/runtime/kernel/kernel_registry.h"

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
  static bool Accepts(T y) { return y != 0; }
  static absl::Status Refusal(int64_t i) {
    return absl::InvalidArgumentError(
        absl::StrCat("integer division by zero: element ", i, " of y is 0"));
  }
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
  static bool Accepts(T y) { return y >= 0; }
  static absl::Status Refusal(int64_t i) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an integer to a negative power: element ", i, " of y is negative"));
  }
  TRELLIS_HOST_DEVICE T operator()(T x, T y) const {
    T power = 1;
    for (; y > 0; y >>= 1) {
      if ((y & 1) != 0) power = WrapMul(power, x);
      x = WrapMul(x, x);
    }
    return power;
  }
};

// ---- registration

// Those that mean the same for all numbers.
template <typename Device, typename T>
void AddNumericBinaryKernels(KernelRegistry& r, absl::string_view device) {
  constexpr DType type = DTypeOf<T>;
  for (absl::string_view op : {"Add", "AddV2"}) {
    r.Add<ElementWiseKernel<Device, AddFn<T>>>(op, device, type);
  }
  r.Add<ElementWiseKernel<Device, MaximumFn<T>>>("Maximum", device, type);
  r.Add<ElementWiseKernel<Device, MinimumFn<T>>>("Minimum", device, type);
  r.Add<ElementWiseKernel<Device, MulFn<T>>>("Mul", device, type);
  r.Add<ElementWiseKernel<Device, SquaredDifferenceFn<T>>>("SquaredDifference",
                                                           device, type);
  r.Add<ElementWiseKernel<Device, SubFn<T>>>("Sub", device, type);
}

template <typename Device, typename T>
void AddFloatBinaryKernels(KernelRegistry& r, absl::string_view device) {
  constexpr DType type = DTypeOf<T>;
  AddNumericBinaryKernels<Device, T>(r, device);
  for (absl::string_view op : {"Div", "RealDiv"}) {
    r.Add<ElementWiseKernel<Device, RealDivFn<T>>>(op, device, type);
  }
  r.Add<ElementWiseKernel<Device, FloorDivFn<T>>>("FloorDiv", device, type);
  r.Add<ElementWiseKernel<Device, FloorModFn<T>>>("FloorMod", device, type);
  r.Add<ElementWiseKernel<Device, PowFn<T>>>("Pow", device, type);
}

template <typename Device, typename T>
void AddIntegerBinaryKernels(KernelRegistry& r, absl::string_view device) {
  constexpr DType type = DTypeOf<T>;
  AddNumericBinaryKernels<Device, T>(r, device);
  r.Add<ElementWiseKernel<Device, IntegerDivFn<T>>>("Div", device, type);
  r.Add<ElementWiseKernel<Device, IntegerFloorDivFn<T>>>("FloorDiv", device,
                                                         type);
  r.Add<ElementWiseKernel<Device, IntegerFloorModFn<T>>>("FloorMod", device,
                                                         type);
  r.Add<ElementWiseKernel<Device, IntegerPowFn<T>>>("Pow", device, type);
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_BINARY_H_
