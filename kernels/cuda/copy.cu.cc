// Elements that are only moved: of views, slices, repetitions, transposes,
// assignments and selections.
#include "trellis/kernels/copy_fn.h"
#include "trellis/kernels/cuda/launch.cuh"
#include "trellis/kernels/select_fn.h"
#include "trellis/kernels/strided_copy_fn.h"

#define TRELLIS_COPIES(T)                          \
  TRELLIS_CUDA_FOR_EACH(trellis::CopyFn<T>)        \
  TRELLIS_CUDA_FOR_EACH(trellis::StridedCopyFn<T>) \
  TRELLIS_CUDA_FOR_EACH(trellis::SelectRange<T>)

TRELLIS_CUDA_ELEMENT_SIZES(TRELLIS_COPIES)
