#include "trellis/kernels/all_cuda.h"

#include "trellis/kernels/cuda/families.h"

namespace trellis {

void RegisterAllCuda(KernelRegistry& registry) {
#if TRELLIS_CUDA
  RegisterAddNCuda(registry);
  RegisterBiasCuda(registry);
  RegisterBinaryCuda(registry);
  RegisterBroadcastCuda(registry);
  RegisterCastCuda(registry);
  RegisterCompareCuda(registry);
  RegisterConcatCuda(registry);
  RegisterConstantCuda(registry);
  RegisterGatherCuda(registry);
  RegisterIdentityCuda(registry);
  RegisterMatMulCuda(registry);
  RegisterOptimizerCuda(registry);
  RegisterRandomCuda(registry);
  RegisterReduceCuda(registry);
  RegisterSelectCuda(registry);
  RegisterShapeCuda(registry);
  RegisterSliceCuda(registry);
  RegisterSoftmaxCuda(registry);
  RegisterStridedSliceCuda(registry);
  RegisterTileCuda(registry);
  RegisterTransposeCuda(registry);
  RegisterUnaryCuda(registry);
  RegisterVariableCuda(registry);
  RegisterWhereCuda(registry);
#endif
}

}  // namespace trellis
