#include "trellis/kernels/cast.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"

namespace trellis {

void RegisterCastCpu(KernelRegistry& registry) {
  AddCastKernels<Cpu>(registry, kCpu);
}

}  // namespace trellis
