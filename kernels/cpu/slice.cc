#include "trellis/kernels/slice.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"

namespace trellis {

void RegisterSliceCpu(KernelRegistry& registry) {
  AddSliceKernels<Cpu>(registry, kCpu);
}

}  // namespace trellis
