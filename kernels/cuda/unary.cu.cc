#include "trellis/kernels/cuda/launch.cuh"
#include "trellis/kernels/unary_fn.h"

#define TRELLIS_UNARY(T, F) TRELLIS_CUDA_FOR_EACH(trellis::UnaryElement<T, F>)
#define TRELLIS_GRAD(T, F) \
  TRELLIS_CUDA_FOR_EACH(trellis::UnaryGradElement<T, F>)

#define TRELLIS_NUMERIC(T)            \
  TRELLIS_UNARY(T, trellis::AbsFn)    \
  TRELLIS_UNARY(T, trellis::NegFn)    \
  TRELLIS_UNARY(T, trellis::ReluFn)   \
  TRELLIS_UNARY(T, trellis::SignFn)   \
  TRELLIS_UNARY(T, trellis::SquareFn) \
  TRELLIS_GRAD(T, trellis::ReluGradFn)

#define TRELLIS_FLOAT(T)                     \
  TRELLIS_UNARY(T, trellis::ExpFn)           \
  TRELLIS_UNARY(T, trellis::FloorFn)         \
  TRELLIS_UNARY(T, trellis::LogFn)           \
  TRELLIS_UNARY(T, trellis::ReciprocalFn)    \
  TRELLIS_UNARY(T, trellis::RsqrtFn)         \
  TRELLIS_UNARY(T, trellis::SigmoidFn)       \
  TRELLIS_UNARY(T, trellis::SqrtFn)          \
  TRELLIS_UNARY(T, trellis::TanhFn)          \
  TRELLIS_GRAD(T, trellis::ReciprocalGradFn) \
  TRELLIS_GRAD(T, trellis::RsqrtGradFn)      \
  TRELLIS_GRAD(T, trellis::SigmoidGradFn)    \
  TRELLIS_GRAD(T, trellis::SqrtGradFn)       \
  TRELLIS_GRAD(T, trellis::TanhGradFn)

TRELLIS_NUMERIC(float)
TRELLIS_NUMERIC(double)
TRELLIS_NUMERIC(int32_t)
TRELLIS_NUMERIC(int64_t)
TRELLIS_FLOAT(float)
TRELLIS_FLOAT(double)
TRELLIS_UNARY(bool, trellis::LogicalNotFn)
