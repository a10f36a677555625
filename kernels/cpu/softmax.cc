#include "trellis/kernels/softmax.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"

namespace trellis {

void RegisterSoftmaxCpu(KernelRegistry& registry) {
  AddSoftmaxKernels<Cpu>(registry, kCpu);
}

}  // namespace trellis
