#include "trellis/kernels/select.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"

namespace trellis {

void RegisterSelectCpu(KernelRegistry& registry) {
  AddSelectKernels<Cpu>(registry, kCpu, /*strings=*/true);
}

}  // namespace trellis
