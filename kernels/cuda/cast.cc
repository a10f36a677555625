#include "trellis/kernels/cast.h"

#include "trellis/kernels/cuda/cuda.h"
#include "trellis/kernels/cuda/families.h"

namespace trellis {

void RegisterCastCuda(KernelRegistry& registry) {
  AddCastKernels<Cuda>(registry, kGpu);
}

}  // namespace trellis
