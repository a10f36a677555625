#include "trellis/graph/variable_store.h"

#include <string>

#include "gtest/gtest.h"
#include "trellis/graph/collections.h"
#include "trellis/graph/expr.h"
#include "trellis/graph/initializers.h"
#include "trellis/graph/op_builder.h"
#include "trellis/graph/partition.h"
#include "trellis/graph/regularizers.h"
#include "trellis/tests/op_testing.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

class VariableStoreTest : public ::testing::Test {
 protected:
  Graph graph_{testing::AllOps()};
  Scope s_ = graph_.root();
  Scope sharing_ = s_.VariableScope("", {.reuse = Reuse::kTrue});
};

TEST_F(VariableStoreTest, ASecondRequestNeedsReuse) {  // R2.20
  const int line = __LINE__ + 1;
  GetVariable(s_, "v", {2});
  GetVariable(s_, "v", {2});
  EXPECT_THAT(graph_.status(),
              StatusIs(absl::StatusCode::kAlreadyExists,
                       AllOf(HasSubstr("variable v "),
                             HasSubstr("variable_store_test.cc:" +
                                       std::to_string(line)))));
}

TEST_F(VariableStoreTest, SharingNeedsWhatExists) {
  const Variable v = GetVariable(sharing_, "q", {2});
  EXPECT_EQ(v.handle().node, graph_.error_node());
  EXPECT_THAT(graph_.status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("variable q")));
}

TEST_F(VariableStoreTest, SharedShapesMustAgree) {  // R2.21
  const Variable a = GetVariable(s_, "a", {2});
  EXPECT_EQ(GetVariable(sharing_, "a", Shape{-1}), a);
  EXPECT_EQ(GetVariable(sharing_, "a"), a);
  GetVariable(sharing_, "a", {3});
  EXPECT_THAT(graph_.status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("[3]"), HasSubstr("[2]"))));
}

TEST_F(VariableStoreTest, SharedTypesMustAgree) {
  GetVariable(s_, "i", {2}, {.dtype = kInt32});
  GetVariable(sharing_, "i", {2});
  EXPECT_THAT(graph_.status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("float32"), HasSubstr("int32"))));
}

TEST_F(VariableStoreTest, AValueHasAShapeOfItsOwn) {  // R2.23
  GetVariable(s_, "k", {2}, {.initializer = {1.f, 2.f}});
  EXPECT_THAT(graph_.status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("also given a shape")));
}

TEST_F(VariableStoreTest, SomeTypesHaveNoInitializer) {  // R2.24
  GetVariable(s_, "c", {2}, {.dtype = kComplex64});
  EXPECT_THAT(graph_.status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("variable c"), HasSubstr("complex64"))));
}

TEST_F(VariableStoreTest, InitializersNeedAShape) {  // R2.25
  GetVariable(s_, "n", Shape{-1, 2});
  EXPECT_THAT(graph_.status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("[?,2]")));
}

TEST_F(VariableStoreTest, OnlyANewVariableIsRegularized) {  // R2.48, R2.50
  const VariableScopeOptions l2 = {.regularizer = L2Regularizer(0.1)};
  const Scope a = s_.VariableScope("a", l2);
  GetVariable(a, "v", {2});
  GetVariable(a.ReuseVariables(), "v", {2});
  GetVariable(a, "w", {2}, {.regularizer = NoRegularizer()});
  EXPECT_EQ(GetCollection(graph_, kRegularizationLosses).size(), 1);
  EXPECT_THAT(graph_.status(), IsOk());
}

TEST_F(VariableStoreTest, ReadsUseTheCachingDevice) {  // R2.42
  const Variable v = MakeVariable(s_.WithDevice("/cpu:1"), 1.f,
                                  {.caching_device = "/cpu:2", .name = "v"});
  EXPECT_EQ(v.handle().node->device(), "/device:CPU:1");
  const Output read = v.Read(s_);
  EXPECT_EQ(read.name(), "v/Read/Identity:0");
  EXPECT_EQ(read.node->device(), "/device:CPU:2");
}

TEST_F(VariableStoreTest, VariablesBelongToTheOperatorsOwner) {  // R2.41
  const Variable v = MakeVariable(s_, {1.f, 2.f}, {.name = "v"});
  const Scope s = s_.NameScope("s");
  const Output sum = s(v) + v;
  EXPECT_EQ(sum.node->input(0).name(), "s/ReadVariableOp:0");
  EXPECT_EQ(sum.node->input(1).name(), "s/add/ReadVariableOp:0");
  const Output product = 2 * s(v);
  EXPECT_EQ(product.node->input(1).name(), "s/ReadVariableOp_1:0");
  EXPECT_EQ(Emit(s, "Relu", {v}).node->input(0).name(),
            "s/Relu/ReadVariableOp:0");
}

TEST_F(VariableStoreTest, PartsAndWholesDoNotMix) {  // R2.28, R2.60
  const GetVariableOptions halves = {.partitioner = FixedSizePartitioner(2)};
  const Variable v = GetVariable(s_, "v", {4, 2}, halves);
  EXPECT_EQ(GetVariable(sharing_, "v", {4, 2}, halves), v);
  EXPECT_EQ(GetVariable(sharing_, "v", {4, 2}), v);
  EXPECT_EQ(FindVariable(graph_, "v"), v);
  EXPECT_EQ(AllVariables(graph_).size(), 2);
  EXPECT_THAT(graph_.status(), IsOk());
  GetVariable(sharing_, "v", {4, 2}, {.partitioner = FixedSizePartitioner(3)});
  EXPECT_THAT(graph_.status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("3 parts along axis 0, but has 2")));
}

TEST(PartitionTest, AnswersOfPartitionersAreChecked) {  // R2.57
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(PartitionShape({4, 2}, {2}), refused);
  EXPECT_THAT(PartitionShape({4, 2}, {2, 2}), refused);
  EXPECT_THAT(PartitionShape({4, 2}, {0, 1}), refused);
  EXPECT_THAT(PartitionShape(Shape{-1, 2}, {2, 1}), refused);
  EXPECT_THAT(PartitionShape(Shape::Scalar(), {}), refused);
  EXPECT_EQ(PartitionShape({3, 7}, {1, 3})->parts[1].shape, (Shape{3, 2}));
}

TEST(FansTest, FollowTheRank) {  // R2.32
  EXPECT_EQ(FansOf({3, 3, 4, 8}).in, 36);
  EXPECT_EQ(FansOf({3, 3, 4, 8}).out, 72);
  EXPECT_EQ(FansOf({5}).out, 5);
  EXPECT_EQ(FansOf(Shape::Scalar()).in, 1);
}

}  // namespace
}  // namespace trellis
