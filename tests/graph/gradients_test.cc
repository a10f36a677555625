#include "trellis/graph/gradients.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/backward_order.h"
#include "trellis/graph/gradient_context.h"
#include "trellis/graph/op_builder.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/all.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::trellis::testing::IsOk;
using ::trellis::testing::StatusIs;

// ---- ops whose gradients are easy to recognize

absl::Status SameShapes(ShapeContext& c) {
  for (int i = 0; i < c.num_outputs(); ++i) {
    TRELLIS_RETURN_IF_ERROR(c.SetOutput(i, c.input(0)));
  }
  return absl::OkStatus();
}

absl::Status TwiceGradient(GradientContext& g) {
  g.set_input_grad(0, g.Emit("Twice", {g.output_grad(0)}));
  return g.status();
}

absl::Status JoinGradient(GradientContext& g) {
  for (int i = 0; i < 2; ++i) {
    g.set_input_grad(i, g.Emit("Twice", {g.output_grad(0)}));
  }
  return g.status();
}

absl::Status ForkGradient(GradientContext& g) {
  g.set_input_grad(0, g.Emit("Join", {g.output_grad(0), g.output_grad(1)}));
  return g.status();
}

// Rows 0 and 1 of the table are used.
absl::Status RowsGradient(GradientContext& g) {
  g.set_input_grad_slices(
      0, {.values = g.output_grad(0),
          .indices = g.Constant(Tensor::Of<int32_t>({0, 1}), "indices"),
          .dense_shape = g.ShapeOf(g.input(0))});
  return g.status();
}

absl::Status ForwardGradient(GradientContext& g) {
  g.set_input_grad(0, g.output_grad(0));
  return g.status();
}

absl::Status MisshapenGradient(GradientContext& g) {
  g.set_input_grad(0, g.Constant(Tensor::Of<float>({1, 2, 3})));
  return g.status();
}

absl::Status OddlyTypedGradient(GradientContext& g) {
  g.set_input_grad(0, g.Constant(Tensor::Of<double>({1, 2})));
  return g.status();
}

absl::Status TwoForOneGradient(GradientContext& g) {
  g.set_input_grad(0, g.output_grad(0));
  g.set_input_grad(1, g.output_grad(0));
  return g.status();
}

absl::Status FailingGradient(GradientContext& g) {
  return absl::UnimplementedError("no second derivative");
}

OpSchema Op(std::string name, int inputs, int outputs,
            GradientFunction gradient) {
  OpSchema schema = {.name = std::move(name),
                     .doc = "For tests.",
                     .attrs = {TypeAttr("T")},
                     .shape = SameShapes,
                     .gradient = gradient};
  for (int i = 0; i < inputs; ++i) {
    schema.inputs.push_back({i == 0 ? "x" : "y", "T"});
  }
  for (int i = 0; i < outputs; ++i) {
    schema.outputs.push_back({i == 0 ? "u" : "v", "T"});
  }
  if (gradient == nullptr) schema.not_differentiable = "it is a test";
  return schema;
}

const OpRegistry& Ops() {
  static const OpRegistry* const registry = [] {
    auto* ops = new OpRegistry();
    RegisterAllOps(*ops);
    ops->Add(Op("Twice", 1, 1, TwiceGradient));
    ops->Add(Op("Join", 2, 1, JoinGradient));
    ops->Add(Op("Fork", 1, 2, ForkGradient));
    ops->Add(Op("Rows", 1, 1, RowsGradient));
    ops->Add(Op("Forward", 1, 1, ForwardGradient));
    ops->Add(Op("Opaque", 1, 1, nullptr));
    ops->Add(Op("Misshapen", 1, 1, MisshapenGradient));
    ops->Add(Op("OddlyTyped", 1, 1, OddlyTypedGradient));
    ops->Add(Op("TwoForOne", 1, 1, TwoForOneGradient));
    ops->Add(Op("Failing", 1, 1, FailingGradient));
    return ops;
  }();
  return *registry;
}

class GradientsTest : public ::testing::Test {
 protected:
  Output Placeholder(absl::string_view name, Shape shape = {2},
                     DType dtype = kFloat32) {
    return Emit(root_, "Placeholder", {},
                {{"dtype", dtype}, {"shape", std::move(shape)}}, name);
  }
  Output Add(absl::string_view op, std::initializer_list<Input> inputs,
             absl::string_view name) {
    return Emit(root_, op, absl::MakeSpan(inputs.begin(), inputs.size()), {},
                name);
  }

  // AddGradients, and "name = Op(inputs)" of what it added.
  std::vector<Gradient> Gradients(const InputList& ys,
                                  const GradientTargets& xs,
                                  const GradientOptions& options = {}) {
    const int before = graph_.id_limit();
    absl::StatusOr<std::vector<Gradient>> gradients =
        AddGradients(root_, ys, xs, options);
    EXPECT_THAT(gradients, IsOk());
    added_.clear();
    for (Node* node : graph_.nodes()) {
      if (node->id() >= before) added_.push_back(Line(*node));
    }
    return gradients.ok() ? *std::move(gradients) : std::vector<Gradient>();
  }

  static std::string Line(const Node& node) {
    std::string line = node.name() + " = " + node.op() + "(";
    for (Output input : node.inputs()) {
      const std::string name =
          input.index == 0 ? input.node->name() : input.name();
      line += (line.back() == '(' ? "" : ", ") + name;
    }
    for (Node* control : node.control_inputs()) {
      line += (line.back() == '(' ? "^" : ", ^") + control->name();
    }
    return line + ")";
  }

  static std::vector<std::string> Groups(Output output) {
    const AttrValue* attr = output.node->FindAttr("_class");
    return attr == nullptr ? std::vector<std::string>() : attr->list()->s;
  }

  Graph graph_{Ops()};
  Scope root_ = graph_.root();
  std::vector<std::string> added_;
};

TEST_F(GradientsTest, StartsWithOnesAndNamesNodesAfterTheForwardOnes) {
  const Output x = Placeholder("x");
  const Output y = Add("Twice", {x}, "a/y");
  const auto gradients = Gradients({y}, {x});
  EXPECT_EQ(gradients[0].output().name(), "gradients/a/y_grad/Twice:0");
  EXPECT_THAT(
      added_,
      ElementsAre("gradients/Shape = Const()", "gradients/grad_ys_0 = Const()",
                  "gradients/Fill = Fill(gradients/Shape, gradients/grad_ys_0)",
                  "gradients/a/y_grad/Twice = Twice(gradients/Fill)"));
}

TEST_F(GradientsTest, ASecondCallHasItsOwnScope) {
  const Output x = Placeholder("x");
  const Output y = Add("Twice", {x}, "y");
  Gradients({y}, {x});
  EXPECT_EQ(Gradients({y}, {x})[0].output().name(),
            "gradients_1/y_grad/Twice:0");
  EXPECT_EQ(Gradients({y}, {x}, {.name = "mine"})[0].output().name(),
            "mine/y_grad/Twice:0");
}

TEST_F(GradientsTest, GradientOfXWithRespectToItselfIsOnes) {  // E6.4
  const Output x = Placeholder("x");
  EXPECT_EQ(Gradients({x}, {x})[0].output().name(), "gradients/Fill:0");
}

TEST_F(GradientsTest, ShapeThatIsNotKnownIsComputed) {
  const Output x = Placeholder("x", Shape());
  Gradients({Add("Twice", {x}, "y")}, {x});
  EXPECT_EQ(added_[0], "gradients/Shape = Shape(y)");
}

TEST_F(GradientsTest, SeveralUsesAreSummedWhereTheFirstTermIs) {  // E6.3
  const Output x = Placeholder("x");
  const auto gradients = Gradients({Add("Join", {x, x}, "y")}, {x});
  EXPECT_EQ(added_.back(),
            "gradients/AddN = AddN(gradients/y_grad/Twice, "
            "gradients/y_grad/Twice_1)");
  EXPECT_THAT(Groups(gradients[0].output()),
              ElementsAre("loc:@gradients/y_grad/Twice"));
}

TEST_F(GradientsTest, TreeAddsTwoAndTwo) {  // R6.14
  const Output x = Placeholder("x");
  const Output y = Add("Join", {Add("Join", {x, x}, "a"), x}, "y");
  Gradients({y}, {x}, {.aggregation = Aggregation::kTree});
  EXPECT_EQ(added_[added_.size() - 2],
            "gradients/x_gradient_sum/AddN = AddN(gradients/y_grad/Twice_1, "
            "gradients/a_grad/Twice)");
  EXPECT_EQ(added_.back(),
            "gradients/x_gradient_sum/AddN_1 = AddN("
            "gradients/x_gradient_sum/AddN, gradients/a_grad/Twice_1)");
}

TEST_F(GradientsTest, NodesWaitForAllTheirConsumers) {
  const Output x = Placeholder("x");
  const Output a = Add("Twice", {x}, "a");
  const Output b = Add("Twice", {a}, "b");
  Gradients({a, b}, {x});
  EXPECT_THAT(std::vector<std::string>(added_.end() - 3, added_.end()),
              ElementsAre("gradients/b_grad/Twice = Twice(gradients/Fill_1)",
                          "gradients/AddN = AddN(gradients/Fill, "
                          "gradients/b_grad/Twice)",
                          "gradients/a_grad/Twice = Twice(gradients/AddN)"));
}

TEST_F(GradientsTest, OutputsWithoutGradientGetZeros) {  // R6.6
  const Output x = Placeholder("x");
  const Output fork = Add("Fork", {x}, "fork");
  Gradients({Output{fork.node, 1}}, {x});
  EXPECT_THAT(std::vector<std::string>(added_.end() - 2, added_.end()),
              ElementsAre("gradients/zeros_like = ZerosLike(fork)",
                          "gradients/fork_grad/Join = Join("
                          "gradients/zeros_like, gradients/Fill)"));
}

// ---- what stops the flow

TEST_F(GradientsTest, UnconnectedXHasNoGradient) {
  const Output x = Placeholder("x");
  const auto gradients =
      Gradients({Add("Twice", {x}, "y")}, {x, Placeholder("z")});
  EXPECT_TRUE(gradients[0]);
  EXPECT_FALSE(gradients[1]);
}

TEST_F(GradientsTest, UnconnectedXHasZerosInTheCallersScope) {  // R6.8
  const Output x = Placeholder("x");
  const auto gradients =
      Gradients({Add("Twice", {x}, "y")},
                {x, Placeholder("z"), Placeholder("u", Shape())},
                {.unconnected = Unconnected::kZero});
  EXPECT_EQ(gradients[1].output().name(), "zeros_like:0");
  EXPECT_EQ(gradients[1].output().node->op(), "Const");
  EXPECT_EQ(gradients[2].output().name(), "zeros_like_1:0");
  EXPECT_EQ(gradients[2].output().node->op(), "ZerosLike");
}

TEST_F(GradientsTest, UnconnectedHandleHasZerosLikeItsVariable) {  // R6.8
  const Output x = Placeholder("x");
  const Output v = Emit(root_, "VarHandleOp", {},
                        {{"dtype", kFloat64}, {"shape", Shape{3}}}, "v");
  const auto gradients = Gradients({Add("Twice", {x}, "y")}, {v},
                                   {.unconnected = Unconnected::kZero});
  EXPECT_EQ(gradients[0].output().name(), "zeros:0");
  EXPECT_EQ(gradients[0].output().dtype(), kFloat64);
  EXPECT_EQ(gradients[0].output().shape().ToString(), "[3]");
  EXPECT_THAT(std::vector<std::string>(added_.end() - 3, added_.end()),
              ElementsAre("Const = Const()", "zeros/Const = Const()",
                          "zeros = Fill(Const, zeros/Const)"));
}

TEST_F(GradientsTest, LongChainsNeedNoDeepStack) {
  const Output x = Placeholder("x");
  Output y = x;
  for (int i = 0; i < 50000; ++i) y = Add("Twice", {y}, "");
  const int before = graph_.num_nodes();
  EXPECT_TRUE(Gradients({y}, {x})[0]);
  EXPECT_EQ(graph_.num_nodes() - before, 50003);
}

TEST_F(GradientsTest, NotDifferentiablePassesNothingBack) {  // R6.18
  const Output x = Placeholder("x");
  const Output y =
      Add("Join", {Add("Opaque", {x}, "a"), Add("Twice", {x}, "b")}, "y");
  EXPECT_EQ(Gradients({y}, {x})[0].output().name(), "gradients/b_grad/Twice:0");
}

TEST_F(GradientsTest, IntegersHaveNoGradient) {  // R6.2
  const Output i = Placeholder("i", {2}, kInt32);
  EXPECT_FALSE(Gradients({Add("Twice", {i}, "y")}, {i})[0]);
}

TEST_F(GradientsTest, StopGradientsGivePartialDerivatives) {  // E6.1
  const Output a = Placeholder("a");
  const Output b = Add("Twice", {a}, "b");
  const Output y = Add("Join", {a, b}, "y");
  const auto total = Gradients({y}, {a, b});
  EXPECT_EQ(total[0].output().node->op(), "AddN");
  const auto partial = Gradients({y}, {a, b}, {.stop_gradients = {a, b}});
  EXPECT_EQ(partial[0].output().name(), "gradients_1/y_grad/Twice:0");
  EXPECT_EQ(partial[1].output().name(), "gradients_1/y_grad/Twice_1:0");
}

// ---- given gradients

TEST_F(GradientsTest, GivenGradientsPassAnIdentity) {  // R6.11
  const Output x = Placeholder("x");
  const Output y = Add("Forward", {x}, "y");
  const Output g = Placeholder("g");
  EXPECT_EQ(Gradients({y}, {x}, {.grad_ys = {g}})[0].output().name(),
            "gradients/grad_ys_0:0");
  EXPECT_THAT(added_, ElementsAre("gradients/grad_ys_0 = Identity(g)"));
  Gradients({y}, {x}, {.grad_ys = {{1.0f, 2.0f}}});
  EXPECT_THAT(added_, ElementsAre("gradients_1/grad_y_0 = Const()",
                                  "gradients_1/grad_ys_0 = Identity("
                                  "gradients_1/grad_y_0)"));
}

TEST_F(GradientsTest, GivenSlicesKeepTheirThreeParts) {
  const Output x = Placeholder("x", {4, 2});
  const Output y = Add("Forward", {x}, "y");
  const IndexedSlices slices = {Placeholder("v", {2, 2}),
                                Placeholder("i", {2}, kInt32),
                                Placeholder("d", {2}, kInt32)};
  const auto gradients = Gradients({y}, {x}, {.grad_ys = {slices}});
  ASSERT_NE(gradients[0].slices(), nullptr);
  EXPECT_THAT(added_, ElementsAre("gradients/grad_ys_0_indices = Identity(i)",
                                  "gradients/grad_ys_0_values = Identity(v)",
                                  "gradients/grad_ys_0_shape = Identity(d)"));
}

// ---- slices

TEST_F(GradientsTest, SlicesOfOneTensorAreConcatenated) {  // R6.15
  const Output x = Placeholder("x", {2, 2});
  const Output y =
      Add("Join", {Add("Rows", {x}, "a"), Add("Rows", {x}, "b")}, "y");
  const auto gradients = Gradients({y}, {x});
  ASSERT_NE(gradients[0].slices(), nullptr);
  EXPECT_EQ(gradients[0].slices()->values.name(), "gradients/concat:0");
  EXPECT_EQ(gradients[0].slices()->indices.name(), "gradients/concat_1:0");
  EXPECT_EQ(gradients[0].slices()->dense_shape.name(),
            "gradients/a_grad/Shape:0");
  EXPECT_EQ(added_[added_.size() - 4], "gradients/concat/axis = Const()");
}

TEST_F(GradientsTest, SlicesBesideADenseGradientBecomeDense) {
  const Output x = Placeholder("x", {2, 2});
  const Output y =
      Add("Join", {Add("Twice", {x}, "a"), Add("Rows", {x}, "b")}, "y");
  EXPECT_EQ(Gradients({y}, {x})[0].slices(), nullptr);
  EXPECT_EQ(added_.back(),
            "gradients/AddN = AddN(gradients/a_grad/Twice, "
            "gradients/AddN/inputs_1)");
}

// ---- placement and gates

TEST_F(GradientsTest, GradientsArePlacedWithTheirOps) {  // R6.29
  const Output x = Placeholder("x");
  const Output y = Emit(root_.WithDevice("/cpu:1"), "Twice", {x}, {}, "y");
  const auto gradients = Gradients({y}, {x}, {.colocate_with_ops = true});
  EXPECT_THAT(Groups(gradients[0].output()), ElementsAre("loc:@y"));
  EXPECT_EQ(gradients[0].output().node->device(), "/device:CPU:1");
  EXPECT_EQ(graph_.FindNode("gradients/Fill")->device(), "/device:CPU:1");
}

TEST_F(GradientsTest, GatedGradientsWaitForEachOther) {
  const Output x = Placeholder("x");
  const Output z = Placeholder("z");
  const auto gradients =
      Gradients({Add("Join", {x, z}, "y")}, {x, z}, {.gate = true});
  EXPECT_EQ(gradients[1].output().name(),
            "gradients/y_grad/tuple/control_dependency_1:0");
  EXPECT_THAT(std::vector<std::string>(added_.end() - 3, added_.end()),
              ElementsAre("gradients/y_grad/tuple/group_deps = NoOp("
                          "^gradients/y_grad/Twice, ^gradients/y_grad/Twice_1)",
                          "gradients/y_grad/tuple/control_dependency = "
                          "Identity(gradients/y_grad/Twice, "
                          "^gradients/y_grad/tuple/group_deps)",
                          "gradients/y_grad/tuple/control_dependency_1 = "
                          "Identity(gradients/y_grad/Twice_1, "
                          "^gradients/y_grad/tuple/group_deps)"));
}

TEST_F(GradientsTest, OverriddenGradientIsUsed) {  // R1.65
  const Output x = Placeholder("x");
  const Scope s = root_.WithGradientOverride("Failing", "Twice");
  EXPECT_EQ(
      Gradients({Emit(s, "Failing", {x}, {}, "y")}, {x})[0].output().name(),
      "gradients/y_grad/Twice:0");
}

// ---- errors

TEST_F(GradientsTest, FailingGradientNamesNodeAndPath) {
  const Output x = Placeholder("x");
  const Output a = Add("Failing", {x}, "a");
  const Output y = Add("Twice", {Add("Twice", {a}, "b")}, "y");
  EXPECT_THAT(AddGradients(root_, {y}, {x}),
              StatusIs(absl::StatusCode::kUnimplemented,
                       AllOf(HasSubstr("gradient of a ("), HasSubstr("Failing"),
                             HasSubstr("reached from y through b"),
                             HasSubstr("no second derivative"))));
}

TEST_F(GradientsTest, UnknownOperationIsAnErrorOnlyWhereAGradientArrives) {
  const Output x = Placeholder("x");
  Node* strange =
      graph_.AddNode({.name = "strange", .op = "Strange", .inputs = {x}});
  ASSERT_THAT(graph_.SetOutputDType({strange, 0}, kFloat32), IsOk());
  ASSERT_THAT(graph_.SetOutputShape({strange, 0}, {2}), IsOk());
  const Output y = Add("Twice", {strange->output()}, "y");
  EXPECT_THAT(AddGradients(root_, {y}, {x}),
              StatusIs(absl::StatusCode::kUnimplemented,
                       AllOf(HasSubstr("operation Strange of strange"),
                             HasSubstr("reached from y"))));
  EXPECT_THAT(
      AddGradients(root_, {Add("Opaque", {strange->output()}, "z")}, {x}),
      IsOk());
}

TEST_F(GradientsTest, GradientOfAnotherShapeOrTypeIsAnError) {  // R6.27
  const Output x = Placeholder("x");
  EXPECT_THAT(AddGradients(root_, {Add("Misshapen", {x}, "a")}, {x}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("gradient of a"), HasSubstr("[3]"),
                             HasSubstr("[2]"))));
  EXPECT_THAT(AddGradients(root_, {Add("OddlyTyped", {x}, "b")}, {x}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("float64"), HasSubstr("float32"))));
  EXPECT_THAT(AddGradients(root_, {Add("TwoForOne", {x}, "c")}, {x}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("to input 1 of c")));
  EXPECT_THAT(graph_.status(), IsOk());
}

TEST_F(GradientsTest, ShapesOfInputsAndGradientsAreMerged) {
  const Output x = Placeholder("x", {2});
  const Output y = Add("Forward", {x}, "y");
  const Output g = Placeholder("g", Shape());
  EXPECT_EQ(
      Gradients({y}, {x}, {.grad_ys = {g}})[0].output().shape().ToString(),
      "[2]");
}

TEST_F(GradientsTest, WrongArgumentsAreErrors) {
  const Output x = Placeholder("x");
  const Output y = Add("Twice", {x}, "y");
  const auto invalid = [](absl::string_view text) {
    return StatusIs(absl::StatusCode::kInvalidArgument,
                    HasSubstr(std::string(text)));
  };
  EXPECT_THAT(AddGradients(root_, {y}, {x}, {.grad_ys = {x, x}}),
              invalid("1 ys, but 2 grad_ys"));
  EXPECT_THAT(AddGradients(root_, {y}, {x, Output()}),
              invalid("xs[1] is no tensor"));
  Graph other(Ops());
  const Output z = Emit(other.root(), "Placeholder", {}, {{"dtype", kFloat32}});
  EXPECT_THAT(AddGradients(root_, {y}, {z}),
              invalid("xs[0], Placeholder:0, belongs to another graph"));
  EXPECT_THAT(AddGradients(root_, {y}, {x}, {.stop_gradients = {z}}),
              invalid("stop_gradients[0]"));
  const Output c = Placeholder("c", {2}, kComplex64);
  EXPECT_THAT(AddGradients(root_, {c}, {c}), invalid("must be given"));
  const Output b = Placeholder("b", {2}, kBool);
  EXPECT_THAT(AddGradients(root_, {b}, {b}), invalid("must be given"));
  EXPECT_THAT(AddGradients(root_, {y}, {x}, {.grad_ys = {c}}),
              invalid("type complex64"));
}

TEST_F(GradientsTest, NothingIsAddedToAGraphWithAnError) {
  const Output x = Placeholder("x");
  graph_.AddError(absl::InvalidArgumentError("broken"));
  EXPECT_THAT(AddGradients(root_, {x}, {x}),
              StatusIs(absl::StatusCode::kInvalidArgument, "broken"));
}

TEST_F(GradientsTest, LoopsAreUnimplemented) {
  const Output x = Placeholder("x");
  Node* merge =
      graph_.AddNode({.name = "merge", .op = "Join", .inputs = {x, Output()}});
  const Output y = Add("Twice", {merge->output()}, "y");
  ASSERT_THAT(graph_.SetInput(merge, 1, y), IsOk());
  EXPECT_THAT(AddGradients(root_, {y}, {x}),
              StatusIs(absl::StatusCode::kUnimplemented,
                       HasSubstr("is part of a loop")));
}

TEST(BackwardOrderTest, TypesThatCarryGradients) {
  EXPECT_TRUE(IsTrainable(kFloat32));
  EXPECT_TRUE(IsTrainable(MakeRef(kFloat64)));
  EXPECT_TRUE(IsTrainable(kResource));
  EXPECT_FALSE(IsTrainable(kBfloat16));
  EXPECT_TRUE(IsBackpropagatable(kBfloat16));
  EXPECT_FALSE(IsBackpropagatable(kInt32));
  EXPECT_FALSE(IsBackpropagatable(kString));
}

}  // namespace
}  // namespace trellis
