#include "trellis/kernels/where.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"

namespace trellis {

void RegisterWhereCpu(KernelRegistry& registry) {
  AddWhereKernels<Cpu>(registry, kCpu);
}

}  // namespace trellis
