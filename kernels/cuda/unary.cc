#include "trellis/kernels/unary.h"

#include "trellis/kernels/cuda/cuda.h"
#include "trellis/kernels/cuda/families.h"

namespace trellis {

void RegisterUnaryCuda(KernelRegistry& registry) {
  AddUnaryKernels<Cuda>(registry, kGpu);
}

}  // namespace trellis
