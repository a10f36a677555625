#include "trellis/nn/dense.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/collections.h"
#include "trellis/graph/initializers.h"
#include "trellis/graph/regularizers.h"
#include "trellis/graph/variable_store.h"
#include "trellis/ops/placeholder_ops.h"
#include "trellis/tests/graph_text.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/trellis.h"

namespace trellis::nn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::trellis::testing::IsOk;
using ::trellis::testing::NodeNames;
using ::trellis::testing::StatusIs;

class DenseTest : public ::testing::Test {
 protected:
  Output Placeholder(Shape shape, DType dtype = kFloat32) {
    return ops::Placeholder(s_, dtype, {.shape = shape, .name = "x"});
  }

  std::vector<std::string> VariableNames() {
    std::vector<std::string> names;
    for (const Variable& v : GlobalVariables(graph_)) {
      names.push_back(v.name());
    }
    return names;
  }

  Graph graph_ = NewGraph({.tf115 = true});
  Scope s_ = graph_.root();
};

TEST_F(DenseTest, NodesAreTensorFlows) {  // E3.1
  Dense(s_, Placeholder({-1, 3}), 4, {.activation = Relu});
  ASSERT_THAT(graph_.status(), IsOk());
  EXPECT_THAT(
      NodeNames(graph_),
      ElementsAre("x", "dense/kernel/Initializer/random_uniform/shape",
                  "dense/kernel/Initializer/random_uniform/min",
                  "dense/kernel/Initializer/random_uniform/max",
                  "dense/kernel/Initializer/random_uniform/RandomUniform",
                  "dense/kernel/Initializer/random_uniform/sub",
                  "dense/kernel/Initializer/random_uniform/mul",
                  "dense/kernel/Initializer/random_uniform", "dense/kernel",
                  "dense/kernel/Assign", "dense/kernel/read",
                  "dense/bias/Initializer/zeros", "dense/bias",
                  "dense/bias/Assign", "dense/bias/read", "dense/MatMul",
                  "dense/BiasAdd", "dense/Relu"));
}

TEST_F(DenseTest, ComputesAnAffineMap) {
  Graph graph = NewGraph();
  const Scope s = graph.root();
  const Output in = ops::Placeholder(s, kFloat32, {.shape = {2, 2}});
  const Output out =
      Dense(s, in, 3,
            {.kernel_initializer = ConstantInitializer({1, 2, 3, 4, 5, 6}),
             .bias_initializer = ConstantInitializer({10, 20, 30})});
  const auto session = NewSession(graph, {.threads = 0});
  ASSERT_THAT(session, IsOk());
  ASSERT_THAT((*session)->Run(GlobalVariablesInitializer(s)), IsOk());
  const auto result = (*session)->Run(
      {{in, Tensor::Of<float>({1, 0, 1, 1}).Reshaped({2, 2})}}, out);
  ASSERT_THAT(result, IsOk());
  EXPECT_THAT(result->flat<float>(), ElementsAre(11, 22, 33, 15, 27, 39));
}

TEST_F(DenseTest, LayersWithoutANameAreNew) {  // E3.3
  const Output x = Placeholder({-1, 3});
  const Output a = Dense(s_.NameScope("tower0"), x, 4);
  const Output b = Dense(s_.NameScope("tower1"), x, 4);
  ASSERT_THAT(graph_.status(), IsOk());
  EXPECT_THAT(VariableNames(), ElementsAre("dense/kernel", "dense/bias",
                                           "dense_1/kernel", "dense_1/bias"));
  EXPECT_EQ(a.node->name(), "tower0/dense/BiasAdd");
  EXPECT_EQ(b.node->name(), "tower1/dense/BiasAdd");
}

TEST_F(DenseTest, ReuseSharesVariables) {  // E3.4
  const Output x = Placeholder({-1, 3});
  Dense(s_.VariableScope("net"), x, 4, {.scope = "fc"});
  const Output y = Dense(s_.VariableScope("net", {.reuse = Reuse::kTrue}), x, 4,
                         {.scope = "fc"});
  ASSERT_THAT(graph_.status(), IsOk());
  EXPECT_THAT(VariableNames(), ElementsAre("net/fc/kernel", "net/fc/bias"));
  EXPECT_EQ(y.node->name(), "net_1/fc/BiasAdd");
}

TEST_F(DenseTest, ANameThatIsTakenIsAnError) {
  const Output x = Placeholder({-1, 3});
  Dense(s_, x, 4, {.scope = "fc"});
  Dense(s_, x, 4, {.scope = "fc"});
  EXPECT_THAT(graph_.status(), StatusIs(absl::StatusCode::kAlreadyExists,
                                        HasSubstr("fc/kernel")));
}

TEST_F(DenseTest, ARegularizedKernelAddsOneLossHoweverOftenItIsShared) {
  const Output x = Placeholder({-1, 3});
  const DenseOptions options = {.kernel_regularizer = L2Regularizer(0.1),
                                .reuse = Reuse::kAuto,
                                .scope = "fc"};
  Dense(s_, x, 4, options);
  Dense(s_, x, 4, options);
  ASSERT_THAT(graph_.status(), IsOk());
  const auto losses = OutputsOf(GetCollection(graph_, kRegularizationLosses));
  ASSERT_THAT(losses, SizeIs(1));
  EXPECT_EQ(losses[0].node->name(), "fc/kernel/Regularizer/l2_regularizer");
}

TEST_F(DenseTest, VariablesHaveTheTypeOfTheInput) {
  const Output y = Dense(s_, Placeholder({-1, 3}, kFloat64), 4);
  ASSERT_THAT(graph_.status(), IsOk());
  EXPECT_EQ(y.dtype(), kFloat64);
}

TEST_F(DenseTest, TheInputIsAMatrix) {
  Dense(s_, Placeholder({-1, 3, 2}), 4, {.scope = "fc"});
  EXPECT_THAT(graph_.status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("must be [n, inputs] with known inputs, is "
                                 "[?,3,2]")));
  EXPECT_THAT(graph_.status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("fc (dense_test.cc:")));
}

TEST_F(DenseTest, ThereAreUnits) {
  Dense(s_, Placeholder({-1, 3}), 0);
  EXPECT_THAT(graph_.status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("0 units")));
}

}  // namespace
}  // namespace trellis::nn
