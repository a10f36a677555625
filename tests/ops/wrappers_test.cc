// The generated functions, used as a program uses them.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/scope.h"
#include "trellis/ops/all.h"
#include "trellis/ops/cast_ops.h"
#include "trellis/ops/concat_ops.h"
#include "trellis/ops/control_ops.h"
#include "trellis/ops/matmul_ops.h"
#include "trellis/ops/placeholder_ops.h"
#include "trellis/ops/softmax_ops.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::trellis::testing::IsOk;

class WrappersTest : public ::testing::Test {
 protected:
  WrappersTest() { RegisterAllOps(ops_); }

  OpRegistry ops_;
  Graph graph_{ops_};
  Scope s_ = graph_.root();
};

TEST_F(WrappersTest, OptionsAreAttributesAndTheName) {
  const Output x =
      ops::Placeholder(s_, kFloat32, {.shape = {-1, 3}, .name = "x"});
  EXPECT_EQ(x.name(), "x:0");
  EXPECT_EQ(x.shape().ToString(), "[?,3]");
  const Output y = ops::MatMul(s_, x, x, {.transpose_b = true});
  EXPECT_EQ(y.name(), "MatMul:0");
  EXPECT_TRUE(y.node->attr<bool>("transpose_b"));
  EXPECT_FALSE(y.node->attr<bool>("transpose_a"));
  EXPECT_THAT(graph_.status(), IsOk());
}

TEST_F(WrappersTest, LiteralsAreNamedAfterTheArgument) {
  const Output x = ops::Placeholder(s_, kFloat64, {.shape = {2, 2}});
  const Output y = ops::MatMul(s_, x, {{1, 2}, {3, 4}}, {.name = "y"});
  EXPECT_EQ(y.node->input(1).name(), "y/b:0");
  EXPECT_EQ(y.node->input(1).dtype(), kFloat64);
}

TEST_F(WrappersTest, RequiredAttributesAreArguments) {
  const Output x = ops::Placeholder(s_, kInt32);
  EXPECT_EQ(ops::Cast(s_, x, kFloat32).dtype(), kFloat32);
}

TEST_F(WrappersTest, ListsGoInAndOut) {
  const Output x = ops::Placeholder(s_, kFloat32, {.shape = {4, 2}});
  const std::vector<Output> parts = ops::Split(s_, 0, x, 2);
  ASSERT_THAT(parts, SizeIs(2));
  EXPECT_EQ(parts[1].name(), "Split:1");
  const Output y = ops::ConcatV2(s_, {parts[0], parts[1], x}, 0);
  EXPECT_EQ(y.shape().ToString(), "[8,2]");
}

TEST_F(WrappersTest, SeveralOutputsHaveTheirNames) {
  const Output logits = ops::Placeholder(s_, kFloat32, {.shape = {4, 3}});
  const Output labels = ops::Placeholder(s_, kInt64, {.shape = {4}});
  const auto result =
      ops::SparseSoftmaxCrossEntropyWithLogits(s_, logits, labels);
  EXPECT_EQ(result.loss.index, 0);
  EXPECT_EQ(result.backprop.index, 1);
  EXPECT_EQ(result.backprop.shape().ToString(), "[4,3]");
}

TEST_F(WrappersTest, AnOpWithoutOutputsGivesItsNode) {
  Node* node = ops::NoOp(s_, {.name = "done"});
  EXPECT_EQ(node->name(), "done");
}

TEST_F(WrappersTest, ErrorsTellTheLineThatMadeTheNode) {
  const Output x = ops::Placeholder(s_, kFloat32, {.shape = {2, 3}});
  const Output y = ops::MatMul(s_, x, x, {.name = "wrong"});
  EXPECT_THAT(std::string(graph_.status().message()),
              HasSubstr("wrong (wrappers_test.cc:"));
  // Whatever is asked for after the error is the error node's.
  EXPECT_EQ(y.node, graph_.error_node());
  const std::vector<Output> parts = ops::Split(s_, 0, y, 2);
  ASSERT_THAT(parts, SizeIs(2));
  EXPECT_EQ(parts[1].dtype(), kInvalid);
}

}  // namespace
}  // namespace trellis
