#include "trellis/kernels/matmul.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"

namespace trellis {

void RegisterMatMulCpu(KernelRegistry& registry) {
  AddMatMulKernels<Cpu>(registry, kCpu);
}

}  // namespace trellis
