// The launches of block_reduce.h, for .cu.cc files.
#ifndef TRELLIS_KERNELS_CUDA_BLOCK_REDUCE_CUH_
#define TRELLIS_KERNELS_CUDA_BLOCK_REDUCE_CUH_

#include <cstdint>

#include "trellis/kernels/cuda/block_reduce.h"
#include "trellis/kernels/cuda/launch.cuh"

namespace trellis::cuda {

template <typename Fn>
__global__ void BlockReduceKernel(int64_t blocks, Fn fn) {
  __shared__ typename Fn::T totals[BlockReducePass::kThreads];
  const int thread = static_cast<int>(threadIdx.x);
  for (int64_t block = blockIdx.x; block < blocks; block += gridDim.x) {
    totals[thread] = fn.Accumulate(block, thread);
    __syncthreads();
    for (int half = fn.pass.rows / 2; half > 0; half /= 2) {
      fn.Meet(thread, half, totals);
      __syncthreads();
    }
    // A thread's own total, which nobody else reads until the next block's.
    fn.Store(block, thread, totals[thread]);
  }
}

template <typename R, bool mapped, typename Last>
int LaunchBlockReduce(void* stream, const BlockReduceFn<R, mapped, Last>& fn) {
  using Fn = BlockReduceFn<R, mapped, Last>;
  static_assert(BlockReducePass::kThreads == kThreadsPerBlock);
  int64_t blocks = fn.pass.blocks();
  void* arguments[] = {&blocks, const_cast<Fn*>(&fn)};
  return Launch(reinterpret_cast<const void*>(&BlockReduceKernel<Fn>), stream,
                blocks * kThreadsPerBlock, arguments);
}

}  // namespace trellis::cuda

#endif  // TRELLIS_KERNELS_CUDA_BLOCK_REDUCE_CUH_
