#include "trellis/kernels/random.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"

namespace trellis {

void RegisterRandomCpu(KernelRegistry& registry) {
  AddRandomKernels<Cpu>(registry, kCpu);
}

}  // namespace trellis
