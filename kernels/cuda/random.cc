#include "trellis/kernels/random.h"

#include "trellis/kernels/cuda/cuda.h"
#include "trellis/kernels/cuda/families.h"

namespace trellis {

void RegisterRandomCuda(KernelRegistry& registry) {
  AddRandomKernels<Cuda>(registry, kGpu);
}

}  // namespace trellis
