#include "trellis/kernels/reduce.h"

#include "trellis/kernels/arg_reduce.h"
#include "trellis/kernels/bias.h"
#include "trellis/kernels/cuda/cuda.h"
#include "trellis/kernels/cuda/families.h"
#include "trellis/kernels/cuda/reduce_kernel.h"

namespace trellis {

void RegisterBiasCuda(KernelRegistry& registry) {
  AddBiasKernels<Cuda>(registry, kGpu);
}

void RegisterReduceCuda(KernelRegistry& registry) {
  AddReduceKernels<Cuda, float>(registry, kGpu);
  AddReduceKernels<Cuda, double>(registry, kGpu);
  AddReduceKernels<Cuda, int32_t>(registry, kGpu);
  AddReduceKernels<Cuda, int64_t>(registry, kGpu);
  AddL2LossKernel<Cuda, float>(registry, kGpu);
  AddL2LossKernel<Cuda, double>(registry, kGpu);
  AddLogicalReduceKernels<Cuda>(registry, kGpu);
  AddArgReduceKernels<Cuda, float, int32_t>(registry, kGpu);
  AddArgReduceKernels<Cuda, float, int64_t>(registry, kGpu);
  AddArgReduceKernels<Cuda, double, int32_t>(registry, kGpu);
  AddArgReduceKernels<Cuda, double, int64_t>(registry, kGpu);
}

}  // namespace trellis
