// Reductions on a GPU, run here block by block and thread by thread.
#include "trellis/kernels/cuda/block_reduce.h"

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "trellis/kernels/reduce_fn.h"
#include "trellis/tests/cuda_on_host/run_blocks.h"

namespace trellis {
namespace {

using cuda::BlockReduceFn;
using cuda::BlockReducePass;
using cuda::RunBlocks;

template <typename R, typename Last>
std::vector<typename R::Element> Reduce(
    const std::vector<typename R::Element>& x, int64_t outer, int64_t n,
    int64_t inner) {
  using T = typename R::Element;
  const auto first = BlockReducePass::Make(outer, n, inner);
  std::vector<T> y(outer * inner, T(77));
  if (first.parts == 1) {
    RunBlocks(BlockReduceFn<R, false, Last>{first, x.data(), y.data(), n});
    return y;
  }
  std::vector<T> parts(outer * first.parts * inner, T(77));
  RunBlocks(BlockReduceFn<R, false, AsIs>{first, x.data(), parts.data(), n});
  const auto second = BlockReducePass::MakeWhole(outer, first.parts, inner);
  RunBlocks(BlockReduceFn<R, false, Last>{second, parts.data(), y.data(), n});
  return y;
}

struct Extents {
  int64_t outer, n, inner;
};

constexpr Extents kExtents[] = {
    {1, 1, 1},    {1, 0, 3},     {5, 0, 1},      {1, 1, 1000},   {1000, 1, 1},
    {128, 10, 1}, {7, 33, 1},    {3, 1000, 1},   {1, 100001, 1}, {1, 7, 33},
    {2, 257, 31}, {1, 5000, 32}, {1, 4000, 100}, {3, 64, 65},    {2, 3, 70000},
    {300, 17, 5}, {1, 300000, 3}};

TEST(BlockReduceTest, AddsEveryElementOnce) {
  for (const auto& [outer, n, inner] : kExtents) {
    SCOPED_TRACE(absl::StrCat(outer, "x", n, "x", inner));
    std::vector<int64_t> x(outer * n * inner);
    for (size_t i = 0; i < x.size(); ++i) x[i] = i * i % 1009 - 200;
    std::vector<int64_t> expected(outer * inner);
    for (int64_t o = 0; o < outer; ++o) {
      for (int64_t i = 0; i < n; ++i) {
        for (int64_t k = 0; k < inner; ++k) {
          expected[o * inner + k] += x[(o * n + i) * inner + k];
        }
      }
    }
    EXPECT_EQ((Reduce<SumReducer<int64_t>, AsIs>(x, outer, n, inner)),
              expected);
    for (int64_t& e : expected) e = n == 0 ? 0 : e / n;
    EXPECT_EQ((Reduce<SumReducer<int64_t>, DividedByCount>(x, outer, n, inner)),
              expected);
  }
}

TEST(BlockReduceTest, StartsFromWhatIsNeutral) {
  EXPECT_EQ((Reduce<MaxReducer<float>, AsIs>({}, 1, 0, 1)),
            std::vector<float>{-std::numeric_limits<float>::infinity()});
  const std::vector<float> x(3000, -5.0f);
  EXPECT_EQ((Reduce<MaxReducer<float>, AsIs>(x, 1, 3000, 1)),
            std::vector<float>{-5.0f});
  EXPECT_EQ((Reduce<ProdReducer<float>, AsIs>(std::vector<float>(5000, 1.0f), 1,
                                              5000, 1)),
            std::vector<float>{1.0f});
}

TEST(BlockReduceTest, FillsBlocksAndSplitsLongReductions) {
  for (const auto& [outer, n, inner] : kExtents) {
    SCOPED_TRACE(absl::StrCat(outer, "x", n, "x", inner));
    const auto pass = BlockReducePass::Make(outer, n, inner);
    EXPECT_EQ(pass.groups * pass.rows * pass.columns,
              BlockReducePass::kThreads);
    EXPECT_GE(pass.parts * pass.part_length, n);
    EXPECT_LE(pass.rows, 2 * n + 1);
  }
  EXPECT_GT(BlockReducePass::Make(1, 1 << 20, 1).blocks(), 400);
  EXPECT_EQ(BlockReducePass::Make(1 << 20, 10, 1).parts, 1);
  // A row of ten takes sixteen threads.
  EXPECT_EQ(BlockReducePass::Make(128, 10, 1).groups, 16);
}

// Errors of rounding do not grow with the length.
TEST(BlockReduceTest, AddsManySmallNumbers) {
  const std::vector<float> x(1 << 22, 0.1f);
  const float sum = Reduce<SumReducer<float>, AsIs>(x, 1, 1 << 22, 1)[0];
  EXPECT_NEAR(sum, 0.1 * (1 << 22), 0.5);
}

}  // namespace
}  // namespace trellis
