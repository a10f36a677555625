#include "trellis/kernels/unary.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"

namespace trellis {

void RegisterUnaryCpu(KernelRegistry& registry) {
  AddUnaryKernels<Cpu>(registry, kCpu);
}

}  // namespace trellis
