#include "trellis/kernels/cuda/launch.cuh"
#include "trellis/kernels/random_fn.h"

#define TRELLIS_RANDOM(T, Distribution) \
  TRELLIS_CUDA_FOR_EACH(trellis::RandomFn<T, trellis::Distribution<T>>)

TRELLIS_RANDOM(float, UniformDistribution)
TRELLIS_RANDOM(float, NormalDistribution)
TRELLIS_RANDOM(float, TruncatedNormalDistribution)
TRELLIS_RANDOM(double, UniformDistribution)
TRELLIS_RANDOM(double, NormalDistribution)
TRELLIS_RANDOM(double, TruncatedNormalDistribution)
TRELLIS_RANDOM(int32_t, UniformIntDistribution)
TRELLIS_RANDOM(int64_t, UniformIntDistribution)
