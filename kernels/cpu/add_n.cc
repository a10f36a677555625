#include "trellis/kernels/add_n.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"

namespace trellis {

void RegisterAddNCpu(KernelRegistry& registry) {
  AddAddNKernels<Cpu>(registry, kCpu);
}

}  // namespace trellis
