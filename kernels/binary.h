// Arithmetic of two tensors.
#ifndef TRELLIS_KERNELS_BINARY_H_
#define TRELLIS_KERNELS_BINARY_H_

#include "absl/strings/string_view.h"
#include "trellis/graph/dtype.h"
#include "trellis/kernels/binary_fn.h"
#include "trellis/kernels/element_wise.h"
#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {

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
