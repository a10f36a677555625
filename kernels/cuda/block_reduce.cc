#include "trellis/kernels/cuda/block_reduce.h"

namespace trellis::cuda {
namespace {

// Enough to fill the largest GPU twice.
constexpr int64_t kEnoughBlocks = 512;
// Elements that a thread takes before another part is worth its blocks.
constexpr int64_t kElementsOfThread = 8;
// A warp that reads so many neighbours reads whole lines.
constexpr int64_t kMaxColumns = 32;

int64_t CeilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

// The smallest power of two that is not below n, at most `limit`, which is one.
int PowerOfTwo(int64_t n, int64_t limit) {
  int64_t power = 1;
  while (power < n && power < limit) power *= 2;
  return static_cast<int>(power);
}

}  // namespace

BlockReducePass BlockReducePass::MakeWhole(int64_t outer, int64_t n,
                                           int64_t inner) {
  BlockReducePass pass{.outer = outer, .n = n, .inner = inner};
  pass.part_length = n;
  pass.columns = PowerOfTwo(inner, kMaxColumns);
  pass.strips = CeilDiv(inner, pass.columns);
  pass.rows = PowerOfTwo(n, kThreads / pass.columns);
  pass.groups = kThreads / (pass.rows * pass.columns);
  return pass;
}

BlockReducePass BlockReducePass::Make(int64_t outer, int64_t n, int64_t inner) {
  BlockReducePass pass = MakeWhole(outer, n, inner);
  const int64_t blocks = pass.blocks();
  if (blocks >= kEnoughBlocks) return pass;
  const int64_t parts = std::min(CeilDiv(n, pass.rows * kElementsOfThread),
                                 CeilDiv(kEnoughBlocks, blocks));
  if (parts <= 1) return pass;
  pass.part_length = CeilDiv(n, parts);
  pass.parts = CeilDiv(n, pass.part_length);
  return pass;
}

}  // namespace trellis::cuda
