#include "trellis/runtime/compile/deduplicate.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/tests/runtime/compile/compile_testing.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using testing::GraphOf;
using testing::IsOkAndHolds;
using testing::NodeNames;
using ::testing::UnorderedElementsAre;

TEST(DeduplicateTest, MergesEqualNodesAndWhatHangsOnThem) {
  const auto graph = GraphOf(R"(
    x = Placeholder() dtype=float32 shape=[2]
    a = Neg(x)
    b = Neg(x)
    c = Square(a)
    d = Square(b)
    e = AddV2(c, d)
  )");
  EXPECT_THAT(Deduplicate(*graph), IsOkAndHolds(true));
  EXPECT_THAT(NodeNames(*graph), ElementsAre("x", "a", "c", "e"));
  EXPECT_EQ(graph->FindNode("e")->input(1).name(), "c:0");
  EXPECT_THAT(Deduplicate(*graph), IsOkAndHolds(false));
}

TEST(DeduplicateTest, NeverMergesWhatHasAStateOrReadsOne) {
  const auto graph = GraphOf(R"(
    n = Const() dtype=int32 value=int32[1]:2
    r = RandomUniform(n) dtype=float32
    s = RandomUniform(n) dtype=float32
    v = VarHandleOp() dtype=float32 shape=[2]
    p = ReadVariableOp(v) dtype=float32
    q = ReadVariableOp(v) dtype=float32
    w = VariableV2() dtype=float32 shape=[2]
    i = Identity(w)
    j = Identity(w)
  )");
  EXPECT_THAT(Deduplicate(*graph), IsOkAndHolds(false));
}

TEST(DeduplicateTest, AttributesDevicesAndControlInputsMatter) {
  const auto graph = GraphOf(R"(
    x = Placeholder() dtype=float32 shape=[2,2]
    n = NoOp()
    a = MatMul(x, x)
    b = MatMul(x, x) transpose_a=true
    c = MatMul(x, x) @/device:CPU:1
    d = MatMul(x, x, ^n)
  )");
  EXPECT_THAT(Deduplicate(*graph), IsOkAndHolds(false));
}

TEST(DeduplicateTest, CommutativeOpsMatchSwapped) {
  const auto graph = GraphOf(R"(
    x = Placeholder() dtype=float32 shape=[]
    y = Placeholder() dtype=float32 shape=[]
    a = Mul(x, y)
    b = Mul(y, x)
    c = Sub(x, y)
    d = Sub(y, x)
  )");
  EXPECT_THAT(Deduplicate(*graph), IsOkAndHolds(true));
  // Placeholders have no inputs and equal attributes, and stay two.
  EXPECT_THAT(NodeNames(*graph), UnorderedElementsAre("x", "y", "a", "c", "d"));
}

TEST(DeduplicateTest, ConstantsOfTheSameBitsAreOne) {
  const auto graph = GraphOf(R"(
    a = Const() dtype=float32 value=float32[2]:1,2
    b = Const() dtype=float32 value=float32[2]:1,2
    c = Const() dtype=float32 value=float32[2]:1,3
    s = AddV2(a, b)
    t = AddV2(a, c)
  )");
  EXPECT_THAT(Deduplicate(*graph), IsOkAndHolds(true));
  EXPECT_THAT(NodeNames(*graph), ElementsAre("a", "c", "s", "t"));
}

}  // namespace
}  // namespace trellis
