// What kernels/cuda/block_reduce.cuh does on a GPU, thread by thread.
#ifndef TRELLIS_TESTS_CUDA_ON_HOST_RUN_BLOCKS_H_
#define TRELLIS_TESTS_CUDA_ON_HOST_RUN_BLOCKS_H_

#include <cstdint>

#include "trellis/kernels/cuda/block_reduce.h"

namespace trellis::cuda {

template <typename Fn>
void RunBlocks(const Fn& fn) {
  constexpr int kThreads = BlockReducePass::kThreads;
  for (int64_t block = 0; block < fn.pass.blocks(); ++block) {
    typename Fn::T totals[kThreads];
    for (int t = 0; t < kThreads; ++t) totals[t] = fn.Accumulate(block, t);
    for (int half = fn.pass.rows / 2; half > 0; half /= 2) {
      for (int t = 0; t < kThreads; ++t) fn.Meet(t, half, totals);
    }
    for (int t = 0; t < kThreads; ++t) fn.Store(block, t, totals[t]);
  }
}

}  // namespace trellis::cuda

#endif  // TRELLIS_TESTS_CUDA_ON_HOST_RUN_BLOCKS_H_
