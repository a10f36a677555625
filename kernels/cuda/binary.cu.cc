#include "trellis/kernels/binary_fn.h"
#include "trellis/kernels/cuda/element_wise.cuh"

#define TRELLIS_NUMERIC(T)                                   \
  TRELLIS_CUDA_ELEMENT_WISE(trellis::AddFn<T>)               \
  TRELLIS_CUDA_ELEMENT_WISE(trellis::MaximumFn<T>)           \
  TRELLIS_CUDA_ELEMENT_WISE(trellis::MinimumFn<T>)           \
  TRELLIS_CUDA_ELEMENT_WISE(trellis::MulFn<T>)               \
  TRELLIS_CUDA_ELEMENT_WISE(trellis::SquaredDifferenceFn<T>) \
  TRELLIS_CUDA_ELEMENT_WISE(trellis::SubFn<T>)

#define TRELLIS_FLOAT(T)                            \
  TRELLIS_CUDA_ELEMENT_WISE(trellis::FloorDivFn<T>) \
  TRELLIS_CUDA_ELEMENT_WISE(trellis::FloorModFn<T>) \
  TRELLIS_CUDA_ELEMENT_WISE(trellis::PowFn<T>)      \
  TRELLIS_CUDA_ELEMENT_WISE(trellis::RealDivFn<T>)

#define TRELLIS_INTEGER(T)                                         \
  TRELLIS_CUDA_CHECKED_ELEMENT_WISE(trellis::IntegerDivFn<T>)      \
  TRELLIS_CUDA_CHECKED_ELEMENT_WISE(trellis::IntegerFloorDivFn<T>) \
  TRELLIS_CUDA_CHECKED_ELEMENT_WISE(trellis::IntegerFloorModFn<T>) \
  TRELLIS_CUDA_CHECKED_ELEMENT_WISE(trellis::IntegerPowFn<T>)

TRELLIS_NUMERIC(float)
TRELLIS_NUMERIC(double)
TRELLIS_NUMERIC(int32_t)
TRELLIS_NUMERIC(int64_t)
TRELLIS_FLOAT(float)
TRELLIS_FLOAT(double)
TRELLIS_INTEGER(int32_t)
TRELLIS_INTEGER(int64_t)
