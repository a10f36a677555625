// The families whose kernels move elements.
#include "trellis/kernels/copy.h"

#include "trellis/kernels/concat.h"
#include "trellis/kernels/cuda/cuda.h"
#include "trellis/kernels/cuda/families.h"
#include "trellis/kernels/select.h"
#include "trellis/kernels/slice.h"
#include "trellis/kernels/strided_slice.h"
#include "trellis/kernels/tile.h"
#include "trellis/kernels/transpose.h"

namespace trellis {

void RegisterConcatCuda(KernelRegistry& registry) {
  AddConcatKernels<Cuda>(registry, kGpu);
}

void RegisterIdentityCuda(KernelRegistry& registry) {
  AddCopyKernels<Cuda>(registry, kGpu);
}

void RegisterSelectCuda(KernelRegistry& registry) {
  AddSelectKernels<Cuda>(registry, kGpu, /*strings=*/false);
}

void RegisterSliceCuda(KernelRegistry& registry) {
  AddSliceKernels<Cuda>(registry, kGpu);
}

void RegisterStridedSliceCuda(KernelRegistry& registry) {
  AddStridedSliceKernels<Cuda>(registry, kGpu);
}

void RegisterTileCuda(KernelRegistry& registry) {
  AddTileKernels<Cuda>(registry, kGpu);
}

void RegisterTransposeCuda(KernelRegistry& registry) {
  AddTransposeKernels<Cuda>(registry, kGpu);
}

}  // namespace trellis
