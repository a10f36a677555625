// Variables by reference and by handle, and the optimizers that write them.
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/graph.h"
#include "trellis/ops/families.h"
#include "trellis/tests/status_matchers.h"

namespace trellis::testing {
namespace {

using ::testing::HasSubstr;

constexpr auto kWrong = absl::StatusCode::kInvalidArgument;

const OpRegistry& Ops() {
  static const OpRegistry* const registry = [] {
    auto* ops = new OpRegistry();
    RegisterVariableOps(*ops);
    RegisterResourceVariableOps(*ops);
    RegisterOptimizerOps(*ops);
    RegisterPlaceholderOps(*ops);
    return ops;
  }();
  return *registry;
}

class VariableTest : public ::testing::Test {
 protected:
  Output Add(const std::string& op, std::vector<Output> inputs,
             AttrMap attrs = {}) {
    return graph_
        .AddNode({.name = graph_.UniqueName(op),
                  .op = op,
                  .inputs = std::move(inputs),
                  .attrs = std::move(attrs)})
        ->output();
  }
  Output Variable(const char* op, Shape shape, DType dtype = kFloat32) {
    return Add(op, {}, {{"shape", std::move(shape)}, {"dtype", dtype}});
  }
  Output Value(Shape shape, DType dtype = kFloat32) {
    return Add("Placeholder", {},
               {{"shape", std::move(shape)}, {"dtype", dtype}});
  }
  // Adds the node alone, so that one test can see several errors.
  absl::Status Try(const std::string& op, std::vector<Output> inputs,
                   AttrMap attrs = {}) {
    return graph_
        .TryAddNode({.name = graph_.UniqueName(op),
                     .op = op,
                     .inputs = std::move(inputs),
                     .attrs = std::move(attrs)})
        .status();
  }

  Graph graph_{Ops()};
};

TEST_F(VariableTest, ReferencesHaveTheVariablesShape) {
  const Output v = Variable("VariableV2", {2, 3});
  EXPECT_EQ(v.dtype(), MakeRef(kFloat32));
  EXPECT_EQ(v.shape(), (Shape{2, 3}));
  EXPECT_EQ(Add("Assign", {v, Value({-1, 3})}).shape(), (Shape{2, 3}));
  EXPECT_EQ(Add("AssignAdd", {v, Value(Shape())}).shape(), (Shape{2, 3}));
  EXPECT_THAT(graph_.status(), IsOk());
}

TEST_F(VariableTest, AssignChecksTheShapeUnlessToldNotTo) {
  const Output v = Variable("VariableV2", {2, 3});
  EXPECT_THAT(Try("Assign", {v, Value({2, 4})}), StatusIs(kWrong));
  EXPECT_THAT(Try("AssignSub", {v, Value({2, 4})}), StatusIs(kWrong));
  const Output y =
      Add("Assign", {v, Value({2, 4})}, {{"validate_shape", false}});
  EXPECT_EQ(y.shape(), (Shape{2, 4}));
}

TEST_F(VariableTest, OnlyReferencesCanBeAssigned) {
  EXPECT_THAT(Try("Assign", {Value({2}), Value({2})}),
              StatusIs(kWrong, HasSubstr("reference")));
}

TEST_F(VariableTest, HandlesCarryWhatTheyReferTo) {
  const Output v = Variable("VarHandleOp", {2, 3});
  EXPECT_EQ(v.dtype(), kResource);
  EXPECT_EQ(v.shape(), Shape::Scalar());
  EXPECT_EQ(Add("ReadVariableOp", {v}, {{"dtype", kFloat32}}).shape(),
            (Shape{2, 3}));
  EXPECT_EQ(Add("VariableShape", {v}).shape(), (Shape{2}));
  EXPECT_THAT(graph_.status(), IsOk());
}

TEST_F(VariableTest, HandlesAreChecked) {
  const Output v = Variable("VarHandleOp", {2, 3});
  EXPECT_THAT(Try("ReadVariableOp", {v}, {{"dtype", kInt32}}),
              StatusIs(kWrong, HasSubstr("variable is float32")));
  EXPECT_THAT(Try("AssignVariableOp", {v, Value({2, 4})}), StatusIs(kWrong));
  EXPECT_THAT(Try("AssignAddVariableOp", {v, Value({2, 3}, kInt32)}),
              StatusIs(kWrong));
}

TEST_F(VariableTest, OptimizersAgreeOnShapes) {
  const Output w = Variable("VariableV2", {3}), a = Variable("VariableV2", {3});
  const Output h = Variable("VarHandleOp", {3}),
               b = Variable("VarHandleOp", {3});
  const Output s = Value({}), g = Value({-1});
  EXPECT_EQ(Add("ApplyMomentum", {w, a, s, g, s}).shape(), (Shape{3}));
  EXPECT_THAT(Try("ResourceApplyMomentum", {h, b, s, g, s}), IsOk());
  EXPECT_THAT(Try("ApplyMomentum", {w, a, s, Value({4}), s}), StatusIs(kWrong));
  EXPECT_THAT(Try("ResourceApplyMomentum", {h, b, s, Value({4}), s}),
              StatusIs(kWrong));
  EXPECT_THAT(Try("ApplyGradientDescent", {w, g, g}),
              StatusIs(kWrong, HasSubstr("rank 0")));
  EXPECT_THAT(Try("ResourceApplyGradientDescent",
                  {Variable("VarHandleOp", {3}, kFloat64), s, g}),
              StatusIs(kWrong, HasSubstr("float64")));
}

TEST_F(VariableTest, SchemasSayWhatHappensToVariables) {
  const OpSchema& assign = *Ops().Find("Assign");
  EXPECT_EQ(assign.inputs[0].effect, Effect::kWrite);
  EXPECT_EQ(assign.outputs[0].forwards_ref, 0);
  EXPECT_TRUE(assign.allows_uninitialized_input);
  EXPECT_TRUE(Ops().Find("AssignVariableOp")->allows_uninitialized_input);
  EXPECT_FALSE(Ops().Find("AssignAddVariableOp")->allows_uninitialized_input);
  EXPECT_EQ(Ops().Find("ApplyAdam")->inputs[2].effect, Effect::kUpdate);
  EXPECT_EQ(Ops().Find("ReadVariableOp")->inputs[0].effect, Effect::kRead);
}

}  // namespace
}  // namespace trellis::testing
