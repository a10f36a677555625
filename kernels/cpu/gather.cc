#include "trellis/kernels/gather.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"

namespace trellis {

void RegisterGatherCpu(KernelRegistry& registry) {
  AddGatherKernels<Cpu>(registry, kCpu);
  AddSegmentSumKernels<Cpu, float>(registry, kCpu);
  AddSegmentSumKernels<Cpu, double>(registry, kCpu);
  AddSegmentSumKernels<Cpu, int32_t>(registry, kCpu);
  AddSegmentSumKernels<Cpu, int64_t>(registry, kCpu);
  AddStitchKernels<Cpu>(registry, kCpu);
}

}  // namespace trellis
