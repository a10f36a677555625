#include "trellis/kernels/binary.h"

#include "trellis/kernels/cuda/cuda.h"
#include "trellis/kernels/cuda/families.h"

namespace trellis {

void RegisterBinaryCuda(KernelRegistry& registry) {
  AddFloatBinaryKernels<Cuda, float>(registry, kGpu);
  AddFloatBinaryKernels<Cuda, double>(registry, kGpu);
  AddIntegerBinaryKernels<Cuda, int32_t>(registry, kGpu);
  AddIntegerBinaryKernels<Cuda, int64_t>(registry, kGpu);
}

}  // namespace trellis
