// A hundred batch sizes in random order through one session: few plans, the
// right results, and memory that does not grow.
#include <malloc.h>

#include <algorithm>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "trellis/tests/graph_text.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

using testing::AddNodes;
using testing::IsOk;

TEST(ManyShapesTest, MemoryStaysFlat) {
  Graph graph(Builtin().ops);
  ASSERT_THAT(AddNodes(graph, R"(
    x = Placeholder() dtype=float32 shape=[?,64]
    w = Const() dtype=float32 value=float32[64,64]:0.125
    h = MatMul(x, w)
    r = Relu(h)
    y = MatMul(r, w)
    axis = Const() dtype=int32 value=int32[1]:1
    mean = Mean(y, axis)
  )"),
              IsOk());
  auto session = NewSession(graph, {.threads = 2});
  ASSERT_THAT(session, IsOk());
  std::vector<int> sizes(100);
  for (int i = 0; i < 100; ++i) sizes[i] = i + 1;
  std::mt19937 random(7);
  size_t after_first_round = 0;
  for (int round = 0; round < 4; ++round) {
    std::shuffle(sizes.begin(), sizes.end(), random);
    for (const int n : sizes) {
      Tensor x(kFloat32, {n, 64});
      for (float& f : x.flat<float>()) f = 0.5f;
      const auto mean = (*session)->Run({{"x", x}}, Fetches{"mean"});
      ASSERT_THAT(mean, IsOk());
      ASSERT_EQ((*mean)[0].shape(), Shape{n});
      // 0.5 through two matrices whose columns sum to 8.
      EXPECT_EQ((*mean)[0].flat<float>()[n - 1], 32);
    }
    const struct mallinfo2 info = mallinfo2();
    if (round == 1) after_first_round = info.uordblks + info.hblkhd;
    if (round > 1) {
      EXPECT_LE(info.uordblks + info.hblkhd, after_first_round + (1 << 16));
    }
  }
  const Session::Report report = (*session)->report();
  EXPECT_EQ(report.signatures, 1);
  EXPECT_EQ(report.plans, Session::kMaxPlans);
  EXPECT_EQ(report.dynamic_plans, 1);
  (*session)->Trim();
  EXPECT_EQ((*session)->report().arena_bytes, 0u);
}

}  // namespace
}  // namespace trellis
