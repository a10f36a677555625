#include "trellis/kernels/all_cpu.h"
#include "trellis/kernels/all_cuda.h"
#include "trellis/runtime/cuda_device.h"
#include "trellis/tests/conformance/devices.h"
#include "trellis/tests/gpu/gpu.h"
#include "trellis/tests/runtime/cuda/fake_cuda_driver.h"

namespace trellis::testing {
namespace {

// Never destroyed, as the registries.
FakeCudaDriver& Driver() {
  static auto* const kDriver =
      new FakeCudaDriver({{.name = "Fake",
                           .major = 9,
                           .multiprocessors = 132,
                           .memory_bytes = size_t{1} << 28}});
  return *kDriver;
}

}  // namespace

std::string WhyNoGpu() {
  return OldestCudaArchitecture() == 0 ? "a build without CUDA" : "";
}

size_t GpuBytesInUse() { return Driver().device_bytes(); }

std::vector<absl::string_view> TestedDeviceTypes() { return {kGpu}; }

const KernelRegistry& TestedKernels() {
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
    auto* devices = new DeviceRegistry;
    RegisterCpuDevices(*devices);
    RegisterCudaDevices(*devices, Driver(), 80);
    return devices;
  }();
  return *kDevices;
}

}  // namespace trellis::testing
