#include "trellis/kernels/optimizer.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"

namespace trellis {

void RegisterOptimizerCpu(KernelRegistry& registry) {
  AddOptimizerKernels<Cpu, float>(registry, kCpu);
  AddOptimizerKernels<Cpu, double>(registry, kCpu);
}

}  // namespace trellis
