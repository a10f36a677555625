// The kernels of GPUs, with everything but the GPU: their launches run on the
// host when the fake driver is at them.
#include "trellis/kernels/all_cpu.h"
#include "trellis/kernels/all_cuda.h"
#include "trellis/runtime/cuda_device.h"
#include "trellis/tests/conformance/devices.h"
#include "trellis/tests/runtime/cuda/fake_cuda_driver.h"

namespace trellis::testing {

std::vector<absl::string_view> TestedDeviceTypes() { return {kGpu}; }

const KernelRegistry& TestedKernels() {
  // Never destroyed, as the built-in registries.
  static const KernelRegistry* const kKernels = [] {
    auto* kernels = new KernelRegistry;
    RegisterAllCpu(*kernels);
    RegisterAllCuda(*kernels);
    return kernels;
  }();
  return *kKernels;
}

const DeviceRegistry& DevicesWith(absl::string_view type) {
  static const DeviceRegistry* const kDevices = [] {
    auto* driver = new FakeCudaDriver({{.name = "Fake",
                                        .major = 9,
                                        .multiprocessors = 132,
                                        .memory_bytes = size_t{1} << 28}});
    auto* devices = new DeviceRegistry;
    RegisterCpuDevices(*devices);
    RegisterCudaDevices(*devices, *driver, 80);
    return devices;
  }();
  return *kDevices;
}

}  // namespace trellis::testing
