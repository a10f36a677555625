#include "trellis/graph/op_builder.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "trellis/graph/expr.h"
#include "trellis/tests/op_testing.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

class OpBuilderTest : public ::testing::Test {
 protected:
  Output Placeholder(DType dtype, const Shape& shape) {
    return Emit(s_, "Placeholder", {},
                {{"dtype", AttrValue(dtype)}, {"shape", AttrValue(shape)}});
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (Node* node : graph_.nodes()) names.push_back(node->name());
    return names;
  }

  Graph graph_{testing::AllOps()};
  Scope s_ = graph_.root();
};

TEST_F(OpBuilderTest, LiteralsFollowTheTypedInputOnEitherSide) {
  const Output x = Placeholder(kFloat64, {2});
  EXPECT_EQ(Emit(s_, "Mul", {x, 2}).dtype(), kFloat64);
  EXPECT_EQ(Emit(s_, "Mul", {2, x}).dtype(), kFloat64);
  EXPECT_EQ(Emit(s_, "Mul", {1, 2.5f}).dtype(), kFloat32);
  EXPECT_THAT(graph_.status(), IsOk());
}

TEST_F(OpBuilderTest, ListsNameTheirLiterals) {  // R1.27
  const Output x = Placeholder(kInt32, {1});
  OpBuilder builder(s_, "ConcatV2", "concat", {});
  builder.InputList(std::vector<Input>{x, {7}}).Input(0);
  EXPECT_EQ(builder.Build()->output().shape(), Shape{2});
  EXPECT_THAT(Names(), ElementsAre("Placeholder", "concat/values_1",
                                   "concat/axis", "concat"));
}

TEST_F(OpBuilderTest, BracesAroundTensorsArePacked) {
  const Output n = Placeholder(kInt32, Shape::Scalar());
  Emit(s_, "Fill", {{n, 2}, 0.f});
  EXPECT_THAT(Names(), ElementsAre("Placeholder", "Fill/dims/1", "Fill/dims",
                                   "Fill/value", "Fill"));
  EXPECT_EQ(graph_.FindNode("Fill/dims")->op(), "Pack");
}

TEST_F(OpBuilderTest, AttributesThatAreTheDefaultAreNotStored) {
  const Output m = Placeholder(kFloat32, {2, 2});
  Node* node = OpBuilder(s_, "MatMul", "", {})
                   .Input(m)
                   .Input(m)
                   .Attr("transpose_a", false)
                   .Attr("transpose_b", true)
                   .Build();
  std::vector<std::string> attrs;
  for (const auto& [key, value] : node->attrs()) attrs.push_back(key);
  EXPECT_THAT(attrs, ElementsAre("T", "transpose_b"));
}

TEST_F(OpBuilderTest, ErrorsNameNodeLineAndReason) {
  const Output x = Placeholder(kInt32, {2});
  const int line = __LINE__ + 1;
  const Output y = Emit(s_, "Mul", {x, 0.5f}, {}, "half");
  EXPECT_EQ(y.node, graph_.error_node());
  EXPECT_THAT(
      graph_.status(),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("half/y"),
                     HasSubstr("op_builder_test.cc:" + std::to_string(line)),
                     HasSubstr("cannot be int32"))));
  // It sticks: later calls do nothing.
  EXPECT_EQ(Emit(s_, "Neg", {x}).node, graph_.error_node());
  EXPECT_EQ(graph_.num_nodes(), 1);
}

TEST_F(OpBuilderTest, UnknownOperationsAndArgumentCounts) {
  Emit(s_, "NoSuchOp", {});
  EXPECT_THAT(graph_.status(), StatusIs(absl::StatusCode::kUnimplemented,
                                        HasSubstr("NoSuchOp")));
  Graph other(testing::AllOps());
  Emit(other.root(), "Neg", {1.f, 2.f});
  EXPECT_THAT(other.status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                       HasSubstr("takes 1 arguments")));
}

TEST_F(OpBuilderTest, ExpressionsKnowTheirLine) {
  const Output x = Placeholder(kFloat32, {2});
  const int line = __LINE__ + 1;
  const Output y = s_(x) * 2 + 1;
  EXPECT_EQ(y.node->location().line, line);
}

TEST_F(OpBuilderTest, IntegersAreDividedAsFractions) {  // R1.29
  const Output i = Placeholder(kInt32, {2});
  const Output y = s_(i) / 2;
  EXPECT_EQ(y.dtype(), kFloat64);
  EXPECT_THAT(Names(), ElementsAre("Placeholder", "truediv/y", "truediv/Cast",
                                   "truediv/Cast_1", "truediv"));
}

TEST_F(OpBuilderTest, XorIsMadeOfOthers) {  // R1.28
  const Output p = Placeholder(kBool, {2});
  const Output y = s_(p) ^ p;
  EXPECT_EQ(y.name(), "xor:0");
  EXPECT_THAT(Names(), ElementsAre("Placeholder", "xor/LogicalOr",
                                   "xor/LogicalAnd", "xor/LogicalNot", "xor"));
}

}  // namespace
}  // namespace trellis
