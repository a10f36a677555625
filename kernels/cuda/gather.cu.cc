#include "trellis/kernels/cuda/launch.cuh"
#include "trellis/kernels/gather_fn.h"
#include "trellis/kernels/one_hot_fn.h"

#define TRELLIS_GATHER(T)                                           \
  TRELLIS_CUDA_FOR_EACH_CHECKED(trellis::GatherElement<T, int32_t>) \
  TRELLIS_CUDA_FOR_EACH_CHECKED(trellis::GatherElement<T, int64_t>)

#define TRELLIS_SEGMENT_SUM(T)                                  \
  TRELLIS_CUDA_FOR_EACH(trellis::SegmentSumElement<T, int32_t>) \
  TRELLIS_CUDA_FOR_EACH(trellis::SegmentSumElement<T, int64_t>)

#define TRELLIS_ONE_HOT(T)                             \
  TRELLIS_CUDA_FOR_EACH(trellis::OneHotFn<T, uint8_t>) \
  TRELLIS_CUDA_FOR_EACH(trellis::OneHotFn<T, int32_t>) \
  TRELLIS_CUDA_FOR_EACH(trellis::OneHotFn<T, int64_t>)

TRELLIS_CUDA_ELEMENT_SIZES(TRELLIS_GATHER)
TRELLIS_CUDA_ELEMENT_SIZES(TRELLIS_ONE_HOT)
TRELLIS_SEGMENT_SUM(float)
TRELLIS_SEGMENT_SUM(double)
TRELLIS_SEGMENT_SUM(int32_t)
TRELLIS_CUDA_FOR_EACH_CHECKED(trellis::SegmentIdFn<int32_t>)
TRELLIS_CUDA_FOR_EACH_CHECKED(trellis::SegmentIdFn<int64_t>)
