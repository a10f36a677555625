#include "trellis/kernels/compare_fn.h"
#include "trellis/kernels/cuda/element_wise.cuh"

#define TRELLIS_EQUALITY(T)                      \
  TRELLIS_CUDA_ELEMENT_WISE(trellis::EqualFn<T>) \
  TRELLIS_CUDA_ELEMENT_WISE(trellis::NotEqualFn<T>)

#define TRELLIS_ORDER(T)                                \
  TRELLIS_EQUALITY(T)                                   \
  TRELLIS_CUDA_ELEMENT_WISE(trellis::GreaterFn<T>)      \
  TRELLIS_CUDA_ELEMENT_WISE(trellis::GreaterEqualFn<T>) \
  TRELLIS_CUDA_ELEMENT_WISE(trellis::LessFn<T>)         \
  TRELLIS_CUDA_ELEMENT_WISE(trellis::LessEqualFn<T>)

TRELLIS_ORDER(float)
TRELLIS_ORDER(double)
TRELLIS_ORDER(int32_t)
TRELLIS_ORDER(int64_t)
TRELLIS_EQUALITY(bool)
TRELLIS_CUDA_ELEMENT_WISE(trellis::LogicalAndFn)
TRELLIS_CUDA_ELEMENT_WISE(trellis::LogicalOrFn)
