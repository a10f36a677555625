// Every CUDA kernel of the project, for programs that do not choose.
#ifndef TRELLIS_KERNELS_ALL_CUDA_H_
#define TRELLIS_KERNELS_ALL_CUDA_H_

#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {

// In a build without CUDA: none.
void RegisterAllCuda(KernelRegistry& registry);

}  // namespace trellis

#endif  // TRELLIS_KERNELS_ALL_CUDA_H_
