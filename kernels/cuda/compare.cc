#include "trellis/kernels/compare.h"

#include "trellis/kernels/cuda/cuda.h"
#include "trellis/kernels/cuda/families.h"

namespace trellis {

void RegisterCompareCuda(KernelRegistry& registry) {
  AddCompareKernels<Cuda>(registry, kGpu);
}

}  // namespace trellis
