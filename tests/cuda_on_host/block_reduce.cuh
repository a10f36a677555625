// In place of kernels/cuda/block_reduce.cuh.
#ifndef TRELLIS_TESTS_CUDA_ON_HOST_BLOCK_REDUCE_CUH_
#define TRELLIS_TESTS_CUDA_ON_HOST_BLOCK_REDUCE_CUH_

#include "trellis/kernels/cuda/launch.cuh"
#include "trellis/tests/cuda_on_host/run_blocks.h"

namespace trellis::cuda {

template <typename R, bool mapped, typename Last>
int LaunchBlockReduce(void* stream, const BlockReduceFn<R, mapped, Last>& fn) {
  FakeCudaDriver::Launch(stream, [fn] { RunBlocks(fn); });
  return kNoError;
}

}  // namespace trellis::cuda

#endif  // TRELLIS_TESTS_CUDA_ON_HOST_BLOCK_REDUCE_CUH_
