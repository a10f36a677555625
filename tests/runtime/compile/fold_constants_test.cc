#include "trellis/runtime/compile/fold_constants.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/infer_shapes.h"
#include "trellis/tests/runtime/compile/compile_testing.h"

namespace trellis {
namespace {

using testing::GraphOf;
using testing::IsOkAndHolds;

std::string ValueOf(const Graph& graph, absl::string_view consumer) {
  const auto value = ConstantValue(graph.FindNode(consumer)->input(0));
  return value.has_value() ? value->ToString() : "unknown";
}

TEST(FoldConstantsTest, ComputesWhatConstantsSay) {
  const auto graph = GraphOf(R"(
    two = Const() dtype=float32 value=float32[2]:2
    three = Const() dtype=float32 value=float32[]:3
    six = Mul(two, three)
    minus = Neg(six)
    x = Placeholder() dtype=float32 shape=[2]
    y = AddV2(minus, x)
  )");
  EXPECT_THAT(FoldConstants(*graph, Builtin().kernels), IsOkAndHolds(true));
  EXPECT_EQ(ValueOf(*graph, "y"), "float32[2]: -6 -6");
  EXPECT_EQ(graph->FindNode("minus"), nullptr);
  EXPECT_THAT(FoldConstants(*graph, Builtin().kernels), IsOkAndHolds(false));
}

TEST(FoldConstantsTest, AKnownShapeIsAValue) {
  const auto graph = GraphOf(R"(
    x = Placeholder() dtype=float32 shape=[2,3]
    shape = Shape(x)
    y = Identity(shape)
  )");
  EXPECT_THAT(FoldConstants(*graph, Builtin().kernels), IsOkAndHolds(true));
  // Nothing is left that asks for x.
  EXPECT_TRUE(graph->FindNode("x")->consumers().empty());
}

TEST(FoldConstantsTest, AnUnknownShapeIsNone) {
  const auto graph = GraphOf(R"(
    x = Placeholder() dtype=float32 shape=[?,3]
    shape = Shape(x)
    y = Identity(shape)
  )");
  EXPECT_THAT(FoldConstants(*graph, Builtin().kernels), IsOkAndHolds(false));
}

TEST(FoldConstantsTest, LeavesRandomNumbersVariablesAndErrorsAlone) {
  const auto graph = GraphOf(R"(
    n = Const() dtype=int32 value=int32[1]:2
    r = RandomUniform(n) dtype=float32
    v = VariableV2() dtype=float32 shape=[2]
    read = Identity(v)
    one = Const() dtype=int32 value=int32[]:1
    zero = Const() dtype=int32 value=int32[]:0
    bad = FloorDiv(one, zero)
  )");
  EXPECT_THAT(FoldConstants(*graph, Builtin().kernels), IsOkAndHolds(false));
}

TEST(FoldConstantsTest, ControlInputsStay) {
  const auto graph = GraphOf(R"(
    v = VariableV2() dtype=float32 shape=[]
    one = Const() dtype=float32 value=float32[]:1
    w = AssignAdd(v, one)
    minus = Neg(one, ^w)
    x = Placeholder() dtype=float32 shape=[]
    y = AddV2(x, minus)
  )");
  EXPECT_THAT(FoldConstants(*graph, Builtin().kernels), IsOkAndHolds(true));
  const Node* folded = graph->FindNode("y")->input(1).node;
  ASSERT_EQ(folded->op(), "Const");
  ASSERT_EQ(folded->control_inputs().size(), 1u);
  EXPECT_EQ(folded->control_inputs()[0]->name(), "w");
}

TEST(FoldConstantsTest, DoesNotMakeLargeConstants) {
  const auto graph = GraphOf(R"(
    dims = Const() dtype=int32 value=int32[2]:2000,2000
    one = Const() dtype=float32 value=float32[]:1
    large = Fill(dims, one)
    y = Neg(large)
  )");
  EXPECT_THAT(FoldConstants(*graph, Builtin().kernels), IsOkAndHolds(false));
}

}  // namespace
}  // namespace trellis
