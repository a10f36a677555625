// Element-wise functions of one tensor, and gradients that are functions of
// (y, dy) or the like.
#ifndef TRELLIS_KERNELS_UNARY_H_
#define TRELLIS_KERNELS_UNARY_H_

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/dtype.h"
#include "trellis/kernels/host_device.h"
#include "trellis/kernels/wrap.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

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

// ---- kernels

// y[i] = F(x[i]); y may be x.
template <typename Device, typename T, template <typename> typename F>
class UnaryKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return Device::ForEach(c, n_, Element{c.input<T>(0), c.output<T>(0)},
                           F<T>::kCost);
  }

 private:
  struct Element {
    const T* x;
    T* y;
    TRELLIS_HOST_DEVICE void operator()(int64_t i) const {
      y[i] = F<T>()(x[i]);
    }
  };

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
        c, n_, Element{c.input<T>(0), c.input<T>(1), c.output<T>(0)},
        F<T>::kCost);
  }

 private:
  struct Element {
    const T* a;
    const T* b;
    T* z;
    TRELLIS_HOST_DEVICE void operator()(int64_t i) const {
      const T x = a[i], y = b[i];
      z[i] = F<T>()(x, y);
    }
  };

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
