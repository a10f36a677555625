#include "trellis/graph/gradient_context.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/op_builder.h"
#include "trellis/ops/all.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::trellis::testing::IsOk;
using ::trellis::testing::StatusIs;

const OpRegistry& Ops() {
  static const OpRegistry* const registry = [] {
    auto* ops = new OpRegistry();
    RegisterAllOps(*ops);
    return ops;
  }();
  return *registry;
}

class GradientContextTest : public ::testing::Test {
 protected:
  Output Placeholder(absl::string_view name, DType dtype, Shape shape) {
    return Emit(root_, "Placeholder", {},
                {{"dtype", dtype}, {"shape", std::move(shape)}}, name);
  }

  // "name = Op(inputs)" of every node made since the last call.
  std::vector<std::string> NewNodes() {
    std::vector<std::string> lines;
    for (Node* node : graph_.nodes()) {
      if (node->id() < seen_) continue;
      std::string line = node->name() + " = " + node->op() + "(";
      for (Output input : node->inputs()) {
        line += (line.back() == '(' ? "" : ", ") + input.name();
      }
      for (Node* control : node->control_inputs()) {
        line += (line.back() == '(' ? "^" : ", ^") + control->name();
      }
      lines.push_back(line + ")");
    }
    seen_ = graph_.id_limit();
    return lines;
  }

  Graph graph_{Ops()};
  Scope root_ = graph_.root();
  int seen_ = 0;
};

TEST_F(GradientContextTest, EmitsNodesInItsScope) {
  const Output x = Placeholder("x", kFloat32, {2});
  const Output y = Emit(root_, "Square", {x}, {}, "y");
  const std::vector<Gradient> grads = {x};
  NewNodes();

  GradientContext g(root_.NameScope("gradients").NameScope("y_grad"), *y.node,
                    grads);
  EXPECT_TRUE(g.has_output_grad(0));
  EXPECT_EQ(g.output_grad_slices(0), nullptr);
  g.set_input_grad(0, g.Emit("Mul", {g.output_grad(0), 2.0f}));
  EXPECT_THAT(g.status(), IsOk());
  EXPECT_THAT(NewNodes(), ElementsAre("gradients/y_grad/Mul/y = Const()",
                                      "gradients/y_grad/Mul = Mul(x:0, "
                                      "gradients/y_grad/Mul/y:0)"));
  EXPECT_EQ(g.input_grads()[0].output().name(), "gradients/y_grad/Mul:0");
}

TEST_F(GradientContextTest, ShapesAndZerosAreFoldedWhereKnown) {
  const Output x = Placeholder("x", kFloat64, {2, 3});
  const Output u = Placeholder("u", kFloat64, {-1, 3});
  const std::vector<Gradient> grads = {x};
  NewNodes();

  GradientContext g(root_.NameScope("g"), *x.node, grads);
  g.ShapeOf(x);
  g.ShapeOf(u);
  g.ZerosLike(x);
  g.ZerosLike(u);
  EXPECT_THAT(g.status(), IsOk());
  EXPECT_THAT(
      NewNodes(),
      ElementsAre("g/Shape = Const()", "g/Shape_1 = Shape(u:0)",
                  "g/zeros_like = Const()", "g/zeros_like_1 = ZerosLike(u:0)"));
}

TEST_F(GradientContextTest, ManyZerosAreFilledWhenRun) {
  const Output x = Placeholder("x", kFloat32, {1000});
  const std::vector<Gradient> grads = {x};
  NewNodes();

  GradientContext g(root_, *x.node, grads);
  g.ZerosLike(x);
  EXPECT_THAT(NewNodes(),
              ElementsAre("zeros_like/shape_as_tensor = Const()",
                          "zeros_like/Const = Const()",
                          "zeros_like = Fill(zeros_like/shape_as_tensor:0, "
                          "zeros_like/Const:0)"));
}

TEST_F(GradientContextTest, ScopeChangesEndWithTheirBlock) {
  const Output x = Placeholder("x", kFloat32, {2});
  const Output y = Emit(root_, "Square", {x}, {}, "y");
  const std::vector<Gradient> grads = {x};
  NewNodes();

  GradientContext g(root_.NameScope("g"), *y.node, grads);
  {
    const auto waiting = g.WaitFor(x);
    g.Constant(Tensor::Scalar(2.0f));
    const auto inner = g.NameScope("inner");
    g.Constant(Tensor::Scalar(2.0f));
  }
  g.Constant(Tensor::Scalar(2.0f));
  EXPECT_THAT(NewNodes(),
              ElementsAre("g/Const = Const(^x)", "g/inner/Const = Const(^x)",
                          "g/Const_1 = Const()"));
}

TEST_F(GradientContextTest, SlicesArePassedOnAsSlices) {
  const Output x = Placeholder("x", kFloat32, {4, 2});
  const Output y = Emit(root_, "Identity", {x}, {}, "y");
  const IndexedSlices slices = {Placeholder("v", kFloat32, {2, 2}),
                                Placeholder("i", kInt32, {2}),
                                Placeholder("d", kInt32, {2})};
  const std::vector<Gradient> grads = {slices};
  NewNodes();

  GradientContext g(root_.NameScope("g"), *y.node, grads);
  g.set_input_grad(0, g.output_grad(0));
  EXPECT_THAT(NewNodes(), IsEmpty());
  ASSERT_NE(g.input_grads()[0].slices(), nullptr);
  EXPECT_EQ(*g.input_grads()[0].slices(), slices);
}

// R6.16: the nodes are named after the node and its argument.
TEST_F(GradientContextTest, SlicesBecomeDenseWhereTheyAreUsed) {
  const Output x = Placeholder("x", kFloat32, {4, 2});
  const Output y = Emit(root_, "Exp", {x}, {}, "y");
  const std::vector<Gradient> grads = {IndexedSlices{
      Placeholder("v", kFloat32, {2, 2}), Placeholder("i", kInt32, {2}),
      Placeholder("d", kInt32, {2})}};
  NewNodes();

  GradientContext g(root_.NameScope("g"), *y.node, grads);
  g.Emit("Mul", {g.output_grad(0), y}, {}, "mul");
  EXPECT_THAT(g.status(), IsOk());
  EXPECT_THAT(
      NewNodes(),
      ElementsAre("g/mul/strided_slice/stack = Const()",
                  "g/mul/strided_slice/stack_1 = Const()",
                  "g/mul/strided_slice/stack_2 = Const()",
                  "g/mul/strided_slice = StridedSlice(d:0, "
                  "g/mul/strided_slice/stack:0, g/mul/strided_slice/stack_1:0, "
                  "g/mul/strided_slice/stack_2:0)",
                  "g/mul/x = UnsortedSegmentSum(v:0, i:0, "
                  "g/mul/strided_slice:0)",
                  "g/mul = Mul(g/mul/x:0, y:0)"));
}

TEST_F(GradientContextTest, SlicesOfUnknownShapeCannotBecomeDense) {
  const Output x = Placeholder("x", kFloat32, {4, 2});
  const Output y = Emit(root_, "Exp", {x}, {}, "y");
  const std::vector<Gradient> grads = {IndexedSlices{
      Placeholder("v", kFloat32, {2, 2}), Placeholder("i", kInt32, {2}), {}}};

  GradientContext g(root_, *y.node, grads);
  g.Emit("Mul", {g.output_grad(0), y});
  EXPECT_THAT(g.status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                   HasSubstr("dense shape is not known")));
}

// R6.19.
TEST_F(GradientContextTest, GradientForAnInputThatDoesNotExistIsAnError) {
  const Output x = Placeholder("x", kFloat32, {2});
  const Output y = Emit(root_, "Exp", {x}, {}, "y");
  const std::vector<Gradient> grads = {x};

  GradientContext g(root_, *y.node, grads);
  g.set_input_grad(1, x);
  EXPECT_THAT(g.status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("gives a gradient to input 1 of y")));
  EXPECT_THAT(graph_.status(), IsOk());
}

}  // namespace
}  // namespace trellis
