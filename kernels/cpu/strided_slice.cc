#include "trellis/kernels/strided_slice.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"

namespace trellis {

void RegisterStridedSliceCpu(KernelRegistry& registry) {
  AddStridedSliceKernels<Cpu>(registry, kCpu);
}

}  // namespace trellis
