#include "trellis/kernels/all_cuda.h"

#include "trellis/kernels/cuda/families.h"

namespace trellis {

void RegisterAllCuda(KernelRegistry& registry) {
#if TRELLIS_CUDA
  RegisterBinaryCuda(registry);
  RegisterCastCuda(registry);
  RegisterCompareCuda(registry);
  RegisterConstantCuda(registry);
  RegisterUnaryCuda(registry);
#endif
}

}  // namespace trellis
