#include "trellis/kernels/cuda/launch.cuh"
#include "trellis/kernels/softmax_fn.h"

#define TRELLIS_SOFTMAX(T)                                 \
  TRELLIS_CUDA_FOR_EACH_ROW(trellis::SoftmaxRow<T, false>) \
  TRELLIS_CUDA_FOR_EACH_ROW(trellis::SoftmaxRow<T, true>)  \
  TRELLIS_CUDA_FOR_EACH_ROW(trellis::CrossEntropyRow<T>)   \
  TRELLIS_CUDA_FOR_EACH_ROW_CHECKED(                       \
      trellis::SparseCrossEntropyRow<T, int32_t>)          \
  TRELLIS_CUDA_FOR_EACH_ROW_CHECKED(trellis::SparseCrossEntropyRow<T, int64_t>)

TRELLIS_SOFTMAX(float)
TRELLIS_SOFTMAX(double)
