#include "trellis/kernels/cast_fn.h"
#include "trellis/kernels/cuda/launch.cuh"

#define TRELLIS_CAST(From, To) \
  TRELLIS_CUDA_FOR_EACH(trellis::CastElement<From, To>)

#define TRELLIS_CASTS_FROM(From) \
  TRELLIS_CAST(From, float)      \
  TRELLIS_CAST(From, double)     \
  TRELLIS_CAST(From, int32_t)    \
  TRELLIS_CAST(From, int64_t)    \
  TRELLIS_CAST(From, uint8_t)    \
  TRELLIS_CAST(From, bool)

TRELLIS_CASTS_FROM(float)
TRELLIS_CASTS_FROM(double)
TRELLIS_CASTS_FROM(int32_t)
TRELLIS_CASTS_FROM(int64_t)
TRELLIS_CASTS_FROM(uint8_t)
TRELLIS_CASTS_FROM(bool)
