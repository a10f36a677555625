#include "trellis/kernels/matmul_fn.h"

#include "trellis/kernels/cuda/launch.cuh"

TRELLIS_CUDA_FOR_EACH(trellis::MatMulElement<float>)
TRELLIS_CUDA_FOR_EACH(trellis::MatMulElement<double>)
