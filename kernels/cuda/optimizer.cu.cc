// What changes variables, and sums.
#include "trellis/kernels/add_n_fn.h"
#include "trellis/kernels/cuda/launch.cuh"
#include "trellis/kernels/optimizer_fn.h"
#include "trellis/kernels/update_fn.h"

#define TRELLIS_OPTIMIZERS(T)                          \
  TRELLIS_CUDA_FOR_EACH(trellis::GradientDescentFn<T>) \
  TRELLIS_CUDA_FOR_EACH(trellis::MomentumFn<T>)        \
  TRELLIS_CUDA_FOR_EACH(trellis::AdamFn<T>)

#define TRELLIS_SUMS(T)                           \
  TRELLIS_CUDA_FOR_EACH(trellis::UpdateFn<T, 1>)  \
  TRELLIS_CUDA_FOR_EACH(trellis::UpdateFn<T, -1>) \
  TRELLIS_CUDA_FOR_EACH(trellis::AddNRange<T>)

TRELLIS_OPTIMIZERS(float)
TRELLIS_OPTIMIZERS(double)
TRELLIS_SUMS(float)
TRELLIS_SUMS(double)
TRELLIS_SUMS(int32_t)
TRELLIS_SUMS(int64_t)
