#include "trellis/kernels/reduce.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/kernels/cpu/reduce_parts.h"

namespace trellis {

void RegisterReduceCpu(KernelRegistry& registry) {
  AddReduceKernels<Cpu, float>(registry, kCpu);
  AddReduceKernels<Cpu, double>(registry, kCpu);
  AddL2LossKernel<Cpu, float>(registry, kCpu);
  AddL2LossKernel<Cpu, double>(registry, kCpu);
  RegisterIntegerReduceCpu(registry);
  RegisterArgReduceCpu(registry);
}

}  // namespace trellis
