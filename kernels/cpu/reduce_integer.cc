#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/reduce_parts.h"
#include "trellis/kernels/reduce.h"

namespace trellis {

void RegisterIntegerReduceCpu(KernelRegistry& registry) {
  AddReduceKernels<Cpu, int32_t>(registry, kCpu);
  AddReduceKernels<Cpu, int64_t>(registry, kCpu);
  AddLogicalReduceKernels<Cpu>(registry, kCpu);
}

}  // namespace trellis
