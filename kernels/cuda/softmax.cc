#include "trellis/kernels/softmax.h"

#include "trellis/kernels/cuda/cuda.h"
#include "trellis/kernels/cuda/families.h"

namespace trellis {

void RegisterSoftmaxCuda(KernelRegistry& registry) {
  AddSoftmaxKernels<Cuda>(registry, kGpu);
}

}  // namespace trellis
