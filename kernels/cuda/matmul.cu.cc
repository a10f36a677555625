#include "trellis/kernels/cuda/launch.cuh"
#include "trellis/kernels/matmul_fn.h"

TRELLIS_CUDA_FOR_EACH(trellis::MatMulElement<float>)
TRELLIS_CUDA_FOR_EACH(trellis::MatMulElement<double>)
