#include "trellis/kernels/all_cpu.h"
#include "trellis/tests/conformance/devices.h"
#include "trellis/tests/fake_device/fake_device.h"
#include "trellis/tests/fake_device/fake_kernels.h"

namespace trellis::testing {

std::vector<absl::string_view> TestedDeviceTypes() { return {kCpu, kFake}; }

const KernelRegistry& TestedKernels() {
  // Never destroyed, as the built-in registries.
  static const KernelRegistry* const kKernels = [] {
    auto* kernels = new KernelRegistry;
    RegisterAllCpu(*kernels);
    RegisterFakeKernels(*kernels, TestedOps(), *kernels);
    return kernels;
  }();
  return *kKernels;
}

const DeviceRegistry& DevicesWith(absl::string_view type) {
  static const DeviceRegistry* const kCpuAlone = [] {
    auto* devices = new DeviceRegistry;
    RegisterCpuDevices(*devices);
    return devices;
  }();
  static const DeviceRegistry* const kWithFake = [] {
    auto* devices = new DeviceRegistry;
    RegisterCpuDevices(*devices);
    RegisterFakeDevices(*devices,
                        {.memory_bytes = size_t{1} << 28, .max_delay_us = 20});
    return devices;
  }();
  return type == kFake ? *kWithFake : *kCpuAlone;
}

}  // namespace trellis::testing
