#include "trellis/kernels/variable.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"

namespace trellis {

void RegisterVariableCpu(KernelRegistry& registry) {
  AddVariableKernels<Cpu>(registry, kCpu);
}

}  // namespace trellis
