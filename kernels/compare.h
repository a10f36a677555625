// Truth values of two tensors.
#ifndef TRELLIS_KERNELS_COMPARE_H_
#define TRELLIS_KERNELS_COMPARE_H_

#include <cstdint>
#include <type_traits>

#include "absl/strings/string_view.h"
#include "trellis/graph/dtype.h"
#include "trellis/kernels/compare_fn.h"
#include "trellis/kernels/element_wise.h"
#include "trellis/kernels/fill.h"
#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {

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
    constexpr bool kDiffer = std::is_same_v<F, NotEqualFn<typename F::In>>;
    return Device::ForRanges(c, 1, 1, FillFn<bool>{kDiffer, c.output<bool>(0)});
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
