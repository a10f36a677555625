#include "trellis/kernels/concat.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"

namespace trellis {

void RegisterConcatCpu(KernelRegistry& registry) {
  AddConcatKernels<Cpu>(registry, kCpu);
}

}  // namespace trellis
