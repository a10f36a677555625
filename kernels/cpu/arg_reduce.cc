#include "trellis/kernels/arg_reduce.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/reduce_parts.h"

namespace trellis {

void RegisterArgReduceCpu(KernelRegistry& registry) {
  AddArgReduceKernels<Cpu>(registry, kCpu);
}

}  // namespace trellis
