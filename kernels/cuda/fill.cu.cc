#include "trellis/kernels/fill.h"

#include <cstdint>

#include "trellis/kernels/cuda/launch.cuh"

// Elements that are only moved, by their size.
#define TRELLIS_FILL(...)                              \
  TRELLIS_CUDA_FOR_EACH(trellis::SplatFn<__VA_ARGS__>) \
  TRELLIS_CUDA_FOR_EACH(trellis::FillFn<__VA_ARGS__>)

TRELLIS_CUDA_ELEMENT_SIZES(TRELLIS_FILL)

// Ones, and the answers of Equal where shapes do not broadcast.
TRELLIS_CUDA_FOR_EACH(trellis::FillFn<bool>)
TRELLIS_CUDA_FOR_EACH(trellis::FillFn<float>)
TRELLIS_CUDA_FOR_EACH(trellis::FillFn<double>)
TRELLIS_CUDA_FOR_EACH(trellis::FillFn<int32_t>)
TRELLIS_CUDA_FOR_EACH(trellis::FillFn<int64_t>)
