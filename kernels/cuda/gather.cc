#include "trellis/kernels/gather.h"

#include "trellis/kernels/cuda/cuda.h"
#include "trellis/kernels/cuda/families.h"
#include "trellis/kernels/where.h"

namespace trellis {

void RegisterGatherCuda(KernelRegistry& registry) {
  AddGatherKernels<Cuda>(registry, kGpu);
  AddSegmentSumKernels<Cuda, float>(registry, kGpu);
  AddSegmentSumKernels<Cuda, double>(registry, kGpu);
  AddSegmentSumKernels<Cuda, int32_t>(registry, kGpu);
  AddStitchKernels<Cuda>(registry, kGpu);
}

void RegisterWhereCuda(KernelRegistry& registry) {
  AddWhereKernels<Cuda>(registry, kGpu);
}

}  // namespace trellis
