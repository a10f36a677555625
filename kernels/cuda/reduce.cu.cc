#include "trellis/kernels/arg_reduce_fn.h"
#include "trellis/kernels/cuda/block_reduce.cuh"
#include "trellis/kernels/cuda/launch.cuh"
#include "trellis/kernels/reduce_fn.h"

#define TRELLIS_REDUCE_PASS(R, mapped, Last)     \
  template int trellis::cuda::LaunchBlockReduce( \
      void*, const trellis::cuda::BlockReduceFn<R, mapped, trellis::Last>&);
#define TRELLIS_REDUCE(...) TRELLIS_REDUCE_PASS(__VA_ARGS__, false, AsIs)

#define TRELLIS_REDUCTIONS(T)                                        \
  TRELLIS_REDUCE(trellis::SumReducer<T>)                             \
  TRELLIS_REDUCE_PASS(trellis::SumReducer<T>, false, DividedByCount) \
  TRELLIS_REDUCE(trellis::ProdReducer<T>)                            \
  TRELLIS_REDUCE(trellis::MaxReducer<T>)                             \
  TRELLIS_REDUCE(trellis::MinReducer<T>)

#define TRELLIS_L2_LOSS(T)                                          \
  TRELLIS_REDUCE(trellis::SumOfSquaresReducer<T>)                   \
  TRELLIS_REDUCE_PASS(trellis::SumOfSquaresReducer<T>, false, Half) \
  TRELLIS_REDUCE_PASS(trellis::SumOfSquaresReducer<T>, true, AsIs)  \
  TRELLIS_REDUCE_PASS(trellis::SumOfSquaresReducer<T>, true, Half)

TRELLIS_REDUCTIONS(float)
TRELLIS_REDUCTIONS(double)
TRELLIS_REDUCTIONS(int32_t)
TRELLIS_REDUCTIONS(int64_t)
TRELLIS_L2_LOSS(float)
TRELLIS_L2_LOSS(double)
TRELLIS_REDUCE(trellis::AllReducer)
TRELLIS_REDUCE(trellis::AnyReducer)

#define TRELLIS_ARG_REDUCE(T, Index)                              \
  TRELLIS_CUDA_FOR_EACH(trellis::ArgReduceColumn<T, Index, true>) \
  TRELLIS_CUDA_FOR_EACH(trellis::ArgReduceColumn<T, Index, false>)

TRELLIS_ARG_REDUCE(float, int32_t)
TRELLIS_ARG_REDUCE(float, int64_t)
TRELLIS_ARG_REDUCE(double, int32_t)
TRELLIS_ARG_REDUCE(double, int64_t)
