#include "trellis/kernels/bias.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"

namespace trellis {

void RegisterBiasCpu(KernelRegistry& registry) {
  AddBiasKernels<Cpu>(registry, kCpu);
}

}  // namespace trellis
