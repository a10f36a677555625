// The families of CUDA kernels, each registrable alone, named as in
// ops/families.h. RegisterAllCuda (kernels/all_cuda.h) is all of them.
#ifndef TRELLIS_KERNELS_CUDA_FAMILIES_H_
#define TRELLIS_KERNELS_CUDA_FAMILIES_H_

#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {

void RegisterAddNCuda(KernelRegistry& registry);
void RegisterBiasCuda(KernelRegistry& registry);
void RegisterBinaryCuda(KernelRegistry& registry);
void RegisterBroadcastCuda(KernelRegistry& registry);
void RegisterCastCuda(KernelRegistry& registry);
void RegisterCompareCuda(KernelRegistry& registry);
void RegisterConcatCuda(KernelRegistry& registry);
void RegisterConstantCuda(KernelRegistry& registry);
void RegisterGatherCuda(KernelRegistry& registry);
void RegisterIdentityCuda(KernelRegistry& registry);
void RegisterMatMulCuda(KernelRegistry& registry);
void RegisterOptimizerCuda(KernelRegistry& registry);
void RegisterRandomCuda(KernelRegistry& registry);
void RegisterReduceCuda(KernelRegistry& registry);
void RegisterSelectCuda(KernelRegistry& registry);
void RegisterShapeCuda(KernelRegistry& registry);
void RegisterSliceCuda(KernelRegistry& registry);
void RegisterSoftmaxCuda(KernelRegistry& registry);
void RegisterStridedSliceCuda(KernelRegistry& registry);
void RegisterTileCuda(KernelRegistry& registry);
void RegisterTransposeCuda(KernelRegistry& registry);
void RegisterUnaryCuda(KernelRegistry& registry);
void RegisterVariableCuda(KernelRegistry& registry);
void RegisterWhereCuda(KernelRegistry& registry);

}  // namespace trellis

#endif  // TRELLIS_KERNELS_CUDA_FAMILIES_H_
