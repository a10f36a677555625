// The families that change variables, and sums.
#include "trellis/kernels/optimizer.h"

#include "trellis/kernels/add_n.h"
#include "trellis/kernels/cuda/cuda.h"
#include "trellis/kernels/cuda/families.h"
#include "trellis/kernels/variable.h"

namespace trellis {

void RegisterAddNCuda(KernelRegistry& registry) {
  AddAddNKernels<Cuda>(registry, kGpu);
}

void RegisterOptimizerCuda(KernelRegistry& registry) {
  AddOptimizerKernels<Cuda, float>(registry, kGpu);
  AddOptimizerKernels<Cuda, double>(registry, kGpu);
}

void RegisterVariableCuda(KernelRegistry& registry) {
  AddVariableKernels<Cuda>(registry, kGpu);
}

}  // namespace trellis
