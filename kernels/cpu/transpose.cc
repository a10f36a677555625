#include "trellis/kernels/transpose.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"

namespace trellis {

void RegisterTransposeCpu(KernelRegistry& registry) {
  AddTransposeKernels<Cpu>(registry, kCpu);
}

}  // namespace trellis
