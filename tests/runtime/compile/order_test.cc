#include "trellis/runtime/compile/order.h"

#include <numeric>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/runtime/compile/variables.h"
#include "trellis/tests/runtime/compile/compile_testing.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using testing::GraphOf;

std::vector<std::string> OrderOf(const Graph& graph) {
  const auto variables = FindVariables(graph);
  EXPECT_THAT(variables, testing::IsOk());
  std::vector<int> rank(graph.id_limit());
  std::iota(rank.begin(), rank.end(), 0);
  std::vector<std::string> names;
  for (const Node* node : Order(graph, *variables, rank)) {
    names.push_back(node->name());
  }
  return names;
}

TEST(OrderTest, LowerIdsFirstAmongReadyNodes) {
  const auto graph = GraphOf(R"(
    b = NoOp()
    c = NoOp(^b)
    a = NoOp()
    d = NoOp(^a, ^c)
  )");
  EXPECT_THAT(OrderOf(*graph), ElementsAre("b", "c", "a", "d"));
}

TEST(OrderTest, ReadyReadsComeBeforeWrites) {
  const auto graph = GraphOf(R"(
    one = Const() dtype=float32 value=float32[]:1
    v = VarHandleOp() dtype=float32 shape=[]
    w = AssignAddVariableOp(v, one)
    r = ReadVariableOp(v) dtype=float32
    s = ReadVariableOp(v, ^w) dtype=float32
  )");
  EXPECT_THAT(OrderOf(*graph), ElementsAre("one", "v", "r", "w", "s"));
}

TEST(OrderTest, WritesKeepTheirOrder) {
  const auto graph = GraphOf(R"(
    one = Const() dtype=float32 value=float32[]:1
    v = VarHandleOp() dtype=float32 shape=[]
    late = Neg(one)
    w1 = AssignAddVariableOp(v, late)
    w2 = AssignVariableOp(v, one)
  )");
  EXPECT_THAT(OrderOf(*graph), ElementsAre("one", "v", "late", "w1", "w2"));
}

// w2 could run at once; w1, whose value is ready only after a write that waits
// for a read, comes first all the same.
TEST(OrderTest, AReadyWriteWaitsForAnEarlierOneThatIsNot) {
  const auto graph = GraphOf(R"(
    one = Const() dtype=float32 value=float32[]:1
    u = VarHandleOp() dtype=float32 shape=[]
    v = VarHandleOp() dtype=float32 shape=[]
    more = AssignAddVariableOp(u, one)
    x = ReadVariableOp(u, ^more) dtype=float32
    w1 = AssignVariableOp(v, x)
    w2 = AssignVariableOp(v, one)
    r = ReadVariableOp(u) dtype=float32
  )");
  EXPECT_THAT(OrderOf(*graph),
              ElementsAre("one", "u", "v", "r", "more", "x", "w1", "w2"));
}

// Each write waits for the other's read: somebody has to go first.
TEST(OrderTest, WritesThatWaitForEachOthersReadsDoNotDeadlock) {
  const auto graph = GraphOf(R"(
    u = VariableV2() dtype=float32 shape=[]
    v = VariableV2() dtype=float32 shape=[]
    a = AssignAdd(u, v)
    b = AssignAdd(v, u)
  )");
  EXPECT_THAT(OrderOf(*graph), ElementsAre("u", "v", "a", "b"));
}

}  // namespace
}  // namespace trellis
