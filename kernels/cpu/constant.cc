#include "trellis/kernels/constant.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/kernels/element_types.h"

namespace trellis {

void RegisterConstantCpu(KernelRegistry& registry) {
  AddMover<FillKernel, Cpu>(registry, "Fill", kCpu, {.host_inputs = {0}});
  AddMover<ZerosKernel, Cpu>(registry, "ZerosLike", kCpu);
  registry.Add<OnesKernel<Cpu, float>>("OnesLike", kCpu, kFloat32);
  registry.Add<OnesKernel<Cpu, double>>("OnesLike", kCpu, kFloat64);
  registry.Add<OnesKernel<Cpu, int32_t>>("OnesLike", kCpu, kInt32);
  registry.Add<OnesKernel<Cpu, int64_t>>("OnesLike", kCpu, kInt64);
  registry.Add<OnesKernel<Cpu, bool>>("OnesLike", kCpu, kBool);
  const KernelOptions numbers = {.host_inputs = {0, 1, 2}};
  registry.Add<RangeKernel<Cpu, float>>("Range", kCpu, kFloat32, numbers);
  registry.Add<RangeKernel<Cpu, double>>("Range", kCpu, kFloat64, numbers);
  registry.Add<RangeKernel<Cpu, int32_t>>("Range", kCpu, kInt32, numbers);
  registry.Add<RangeKernel<Cpu, int64_t>>("Range", kCpu, kInt64, numbers);
}

}  // namespace trellis
