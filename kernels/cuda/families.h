// The families of CUDA kernels, each registrable alone, named as in
// ops/families.h. RegisterAllCuda (kernels/all_cuda.h) is all of them.
#ifndef TRELLIS_KERNELS_CUDA_FAMILIES_H_
#define TRELLIS_KERNELS_CUDA_FAMILIES_H_

#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {

void RegisterBinaryCuda(KernelRegistry& registry);
void RegisterCastCuda(KernelRegistry& registry);
void RegisterCompareCuda(KernelRegistry& registry);
void RegisterConstantCuda(KernelRegistry& registry);
void RegisterUnaryCuda(KernelRegistry& registry);

}  // namespace trellis

#endif  // TRELLIS_KERNELS_CUDA_FAMILIES_H_
