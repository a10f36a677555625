// For .cu.cc files: the loops of element_wise_fn.h for a function.
#ifndef TRELLIS_KERNELS_CUDA_ELEMENT_WISE_CUH_
#define TRELLIS_KERNELS_CUDA_ELEMENT_WISE_CUH_

#include "trellis/kernels/cuda/launch.cuh"
#include "trellis/kernels/element_wise_fn.h"

#define TRELLIS_CUDA_ELEMENT_WISE(...) \
  TRELLIS_CUDA_FOR_EACH(               \
      trellis::ElementWiseRange<__VA_ARGS__, trellis::Broadcast>)

// Of one that does not take every y.
#define TRELLIS_CUDA_CHECKED_ELEMENT_WISE(...) \
  TRELLIS_CUDA_ELEMENT_WISE(__VA_ARGS__)       \
  TRELLIS_CUDA_FOR_EACH_CHECKED(trellis::AcceptsElement<__VA_ARGS__>)

#endif  // TRELLIS_KERNELS_CUDA_ELEMENT_WISE_CUH_
