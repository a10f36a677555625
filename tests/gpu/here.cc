#include "gtest/gtest.h"
#include "trellis/kernels/all_cpu.h"
#include "trellis/kernels/all_cuda.h"
#include "trellis/runtime/cuda_device.h"
#include "trellis/runtime/cuda_libcuda.h"
#include "trellis/tests/conformance/devices.h"
#include "trellis/tests/gpu/gpu.h"

namespace trellis::testing {

std::string WhyNoGpu() {
  static const auto* const kWhy = [] {
    const auto devices = DeviceSet::Make(DevicesWith(kGpu), {{"GPU", 1}});
    return new std::string(devices.ok() ? devices->WhyNone(kGpu)
                                        : devices.status().ToString());
  }();
  return *kWhy;
}

size_t GpuBytesInUse() {
  const auto context = (*SystemCudaDriver())->MakeContext(0);
  EXPECT_TRUE(context.ok()) << context.status();
  const auto memory = (*context)->GetMemoryInfo();
  EXPECT_TRUE(memory.ok()) << memory.status();
  return memory->total - memory->free;
}

std::vector<absl::string_view> TestedDeviceTypes() {
  if (!WhyNoGpu().empty()) return {};
  return {kGpu};
}

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
    auto* devices = new DeviceRegistry;
    RegisterCpuDevices(*devices);
    RegisterCudaDevices(*devices);
    return devices;
  }();
  return *kDevices;
}

TEST(GpuTest, IsThere) {
  if (!WhyNoGpu().empty()) GTEST_SKIP() << WhyNoGpu();
}

}  // namespace trellis::testing
