// Truth values of two tensors.
#ifndef TRELLIS_KERNELS_COMPARE_H_
#define TRELLIS_KERNELS_COMPARE_H_

#include <cstdint>
#include <type_traits>

#include "absl/strings/string_view.h"
#include "trellis/graph/dtype.h"
#include "trellis/kernels/element_wise.h"
#include "trellis/kernels/host_device.h"
#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {

template <typename T>
struct CompareFn {
  using In = T;
  using Out = bool;
  static constexpr int64_t kCost = 1;
};

template <typename T>
struct EqualFn : CompareFn<T> {
  TRELLIS_HOST_DEVICE bool operator()(const T& x, const T& y) const {
    return x == y;
  }
};

template <typename T>
struct NotEqualFn : CompareFn<T> {
  TRELLIS_HOST_DEVICE bool operator()(const T& x, const T& y) const {
    return x != y;
  }
};

template <typename T>
struct LessFn : CompareFn<T> {
  TRELLIS_HOST_DEVICE bool operator()(T x, T y) const { return x < y; }
};

template <typename T>
struct LessEqualFn : CompareFn<T> {
  TRELLIS_HOST_DEVICE bool operator()(T x, T y) const { return x <= y; }
};

template <typename T>
struct GreaterFn : CompareFn<T> {
  TRELLIS_HOST_DEVICE bool operator()(T x, T y) const { return x > y; }
};

template <typename T>
struct GreaterEqualFn : CompareFn<T> {
  TRELLIS_HOST_DEVICE bool operator()(T x, T y) const { return x >= y; }
};

struct LogicalAndFn : CompareFn<bool> {
  TRELLIS_HOST_DEVICE bool operator()(bool x, bool y) const { return x & y; }
};

struct LogicalOrFn : CompareFn<bool> {
  TRELLIS_HOST_DEVICE bool operator()(bool x, bool y) const { return x | y; }
};

// Equal and NotEqual. Shapes that do not broadcast, where the node allows them,
// make one value.
template <typename Device, typename F>
class EqualityKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    comparable_ = BroadcastShapes(c.input_shape(0), c.input_shape(1)).ok();
    return comparable_ ? kernel_.Prepare(c) : absl::OkStatus();
  }

  absl::Status Run(RunContext& c) const override {
    if (comparable_) return kernel_.Run(c);
    bool* z = c.output<bool>(0);
    constexpr bool kDiffer = std::is_same_v<F, NotEqualFn<typename F::In>>;
    return Device::ForEach(c, 1, [z](int64_t i) { z[i] = kDiffer; });
  }

 private:
  bool comparable_ = true;
  ElementWiseKernel<Device, F> kernel_;
};

template <typename Device, typename T>
void AddEqualityKernels(KernelRegistry& r, absl::string_view device) {
  constexpr DType type = DTypeOf<T>;
  r.Add<EqualityKernel<Device, EqualFn<T>>>("Equal", device, type);
  r.Add<EqualityKernel<Device, NotEqualFn<T>>>("NotEqual", device, type);
}

template <typename Device, typename T>
void AddCompareKernels(KernelRegistry& r, absl::string_view device) {
  constexpr DType type = DTypeOf<T>;
  AddEqualityKernels<Device, T>(r, device);
  r.Add<ElementWiseKernel<Device, GreaterFn<T>>>("Greater", device, type);
  r.Add<ElementWiseKernel<Device, GreaterEqualFn<T>>>("GreaterEqual", device,
                                                      type);
  r.Add<ElementWiseKernel<Device, LessFn<T>>>("Less", device, type);
  r.Add<ElementWiseKernel<Device, LessEqualFn<T>>>("LessEqual", device, type);
}

// For all numbers and bool.
template <typename Device>
void AddCompareKernels(KernelRegistry& r, absl::string_view device) {
  AddCompareKernels<Device, float>(r, device);
  AddCompareKernels<Device, double>(r, device);
  AddCompareKernels<Device, int32_t>(r, device);
  AddCompareKernels<Device, int64_t>(r, device);
  AddEqualityKernels<Device, bool>(r, device);
  r.Add<ElementWiseKernel<Device, LogicalAndFn>>("LogicalAnd", device,
                                                 kInvalid);
  r.Add<ElementWiseKernel<Device, LogicalOrFn>>("LogicalOr", device, kInvalid);
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_COMPARE_H_
