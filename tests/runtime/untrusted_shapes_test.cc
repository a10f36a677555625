// Shapes that a file claims, and shapes too large for any memory: a run is
// right or an error, never an access beyond a tensor.
#include <cstdint>
#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/tests/graph_text.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

using testing::AddNodes;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::ParseTensor;

// What a run of the graph says of `fetch`: the tensor, or the error.
std::string Fetch(Graph& graph, const std::string& fetch, const Feeds& feeds) {
  auto session = NewSession(graph);
  if (!session.ok()) return session.status().ToString();
  const auto results = (*session)->Run(feeds, Fetches{fetch});
  return results.ok() ? (*results)[0].ToString() : results.status().ToString();
}

struct Claim {
  const char* name;
  const char* nodes;  // "y" is fetched
  Shape claimed;      // of y, which the shape function does not know
  Feeds feeds;
  const char* result;
};

class ClaimedShapeTest : public ::testing::TestWithParam<Claim> {};

// A file's `_output_shapes` ends up in the graph like this.
TEST_P(ClaimedShapeTest, IsNotBelieved) {
  Graph graph(Builtin().ops);
  ASSERT_THAT(AddNodes(graph, GetParam().nodes), IsOk());
  ASSERT_THAT(
      graph.SetOutputShape(graph.FindNode("y")->output(), GetParam().claimed),
      IsOk());
  EXPECT_EQ(Fetch(graph, "y", GetParam().feeds), GetParam().result);
}

INSTANTIATE_TEST_SUITE_P(
    All, ClaimedShapeTest,
    ::testing::Values(Claim{"Reshape",
                            "x = Placeholder() dtype=float32 shape=[?]\n"
                            "s = Placeholder() dtype=int32 shape=[2]\n"
                            "y = Reshape(x, s)\n",
                            Shape{10, 100},
                            {{"x", Tensor::Of<float>({1, 2, 3, 4})},
                             {"s", Tensor::Of<int32_t>({2, 2})}},
                            "float32[2,2]: 1 2 3 4"},
                      Claim{"Where",
                            "x = Placeholder() dtype=bool shape=[?]\n"
                            "y = Where(x)\n",
                            Shape{5, 1},
                            {{"x", Tensor::Of<bool>({true, false, true})}},
                            "int64[2,1]: 0 2"},
                      Claim{"Range",
                            "x = Placeholder() dtype=int32 shape=[]\n"
                            "zero = Const() dtype=int32 value=int32[]:0\n"
                            "one = Const() dtype=int32 value=int32[]:1\n"
                            "y = Range(zero, x, one)\n",
                            Shape{3},
                            {{"x", Tensor::Scalar<int32_t>(5)}},
                            "int32[5]: 0 1 2 3 4"},
                      Claim{"BroadcastGradientArgs",
                            "a = Placeholder() dtype=int32 shape=[?]\n"
                            "b = Placeholder() dtype=int32 shape=[?]\n"
                            "y = BroadcastGradientArgs(a, b)\n",
                            Shape{1},
                            {{"a", Tensor::Of<int32_t>({1, 1, 1, 7})},
                             {"b", Tensor::Of<int32_t>({5, 6, 7, 7})}},
                            "int32[3]: 0 1 2"}),
    [](const auto& info) { return info.param.name; });

struct Giant {
  const char* name;
  const char* nodes;  // "y" is fetched
  Feeds feeds;
};

class GiantShapeTest : public ::testing::TestWithParam<Giant> {};

TEST_P(GiantShapeTest, IsAnError) {
  Graph graph(Builtin().ops);
  std::string result = AddNodes(graph, GetParam().nodes).ToString();
  if (result == "OK") result = Fetch(graph, "y", GetParam().feeds);
  EXPECT_THAT(result, HasSubstr("has more elements than memory can hold"));
}

INSTANTIATE_TEST_SUITE_P(
    All, GiantShapeTest,
    ::testing::Values(
        // A02
        Giant{"Fill",
              "d = Placeholder() dtype=int64 shape=[1]\n"
              "zero = Const() dtype=float32 value=float32[]:0\n"
              "y = Fill(d, zero)\n",
              {{"d", Tensor::Of<int64_t>({int64_t{1} << 62})}}},
        // F28
        Giant{"Range",
              "x = Placeholder() dtype=int64 shape=[]\n"
              "zero = Const() dtype=int64 value=int64[]:0\n"
              "one = Const() dtype=int64 value=int64[]:1\n"
              "r = Range(zero, x, one)\n"
              "y = Neg(r)\n",
              {{"x",
                Tensor::Scalar<int64_t>(std::numeric_limits<int64_t>::max())}}},
        Giant{"MatMulOfNothing",
              "a = Const() dtype=float32 value=float32[4294967296,0]:\n"
              "b = Const() dtype=float32 value=float32[0,4294967296]:\n"
              "y = MatMul(a, b)\n",
              {}},
        Giant{"BroadcastOfNothing",
              "a = Const() dtype=float32 value=float32[4294967296,1,0]:\n"
              "b = Const() dtype=float32 value=float32[1,4294967296,0]:\n"
              "y = AddV2(a, b)\n",
              {}}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace trellis
