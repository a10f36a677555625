// Registration of kernels for many data types.
//
// A kernel that moves elements without looking at them exists once for each
// size of element: AddMover registers it under the data types of that size.
#ifndef TRELLIS_KERNELS_ELEMENT_TYPES_H_
#define TRELLIS_KERNELS_ELEMENT_TYPES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "trellis/kernels/moved_element.h"
#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {

// `strings`: also for strings, if the device's memory holds them.
template <template <typename Device, typename T> class K, typename Device>
void AddMover(KernelRegistry& registry, absl::string_view op,
              absl::string_view device_type, const KernelOptions& options = {},
              bool strings = true) {
  for (DType t : {kBool, kInt8, kUint8, kQint8, kQuint8}) {
    registry.Add<K<Device, uint8_t>>(op, device_type, t, options);
  }
  for (DType t : {kInt16, kUint16, kHalf, kBfloat16, kQint16, kQuint16}) {
    registry.Add<K<Device, uint16_t>>(op, device_type, t, options);
  }
  for (DType t : {kFloat32, kInt32, kUint32, kQint32}) {
    registry.Add<K<Device, uint32_t>>(op, device_type, t, options);
  }
  for (DType t : {kFloat64, kInt64, kUint64, kComplex64}) {
    registry.Add<K<Device, uint64_t>>(op, device_type, t, options);
  }
  registry.Add<K<Device, Bytes16>>(op, device_type, kComplex128, options);
  if constexpr (Device::kIsHost) {
    if (strings) {
      registry.Add<K<Device, std::string>>(op, device_type, kString, options);
    }
  }
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_ELEMENT_TYPES_H_
