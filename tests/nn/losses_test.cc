#include "trellis/nn/losses.h"

#include <cmath>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/collections.h"
#include "trellis/graph/initializers.h"
#include "trellis/graph/regularizers.h"
#include "trellis/graph/variable_store.h"
#include "trellis/nn/dense.h"
#include "trellis/nn/metrics.h"
#include "trellis/ops/placeholder_ops.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/trellis.h"

namespace trellis::nn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::trellis::testing::IsOk;
using ::trellis::testing::StatusIs;

class LossesTest : public ::testing::Test {
 protected:
  Graph graph_ = NewGraph();
  Scope s_ = graph_.root();
  const Output labels_ = ops::Placeholder(s_, kInt64, {.shape = {-1}});
  const Output logits_ = ops::Placeholder(s_, kFloat32, {.shape = {-1, 3}});
};

TEST_F(LossesTest, CrossEntropyIsTheMeanOfNegativeLogProbabilities) {
  const Output loss = SparseSoftmaxCrossEntropy(s_, labels_, logits_);
  EXPECT_EQ(loss.node->name(), "loss");
  EXPECT_THAT(OutputsOf(GetCollection(graph_, kLosses)), ElementsAre(loss));
  const auto session = NewSession(graph_, {.threads = 0});
  ASSERT_THAT(session, IsOk());
  const auto result = (*session)->Run(
      {{labels_, Tensor::Of<int64_t>({0, 2})},
       {logits_, Tensor::Of<float>({0, 0, 0, 1, 2, 3}).Reshaped({2, 3})}},
      loss);
  ASSERT_THAT(result, IsOk());
  const double expected =
      (std::log(3.0) + std::log(std::exp(-2) + std::exp(-1) + 1)) / 2;
  EXPECT_NEAR(result->scalar<float>(), expected, 1e-6);
}

TEST_F(LossesTest, AccuracyCountsTheLargestLogits) {
  const Output accuracy = Accuracy(s_, labels_, logits_);
  const auto session = NewSession(graph_, {.threads = 0});
  ASSERT_THAT(session, IsOk());
  const auto result = (*session)->Run(
      {{labels_, Tensor::Of<int64_t>({0, 2, 1, 0})},
       {logits_, Tensor::Of<float>({5, 0, 0, 1, 2, 3, 9, 1, 1, 4, 4, 0})
                     .Reshaped({4, 3})}},
      accuracy);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->scalar<float>(), 0.75f);
}

TEST_F(LossesTest, TotalLossAddsRegularization) {
  const Output x = ops::Placeholder(s_, kFloat32, {.shape = {-1, 2}});
  const Output y = Dense(s_, x, 3,
                         {.use_bias = false,
                          .kernel_initializer = OnesInitializer(),
                          .kernel_regularizer = L2Regularizer(0.5)});
  SparseSoftmaxCrossEntropy(s_, labels_, y);
  const Output total = TotalLoss(s_);
  const Output regularization = RegularizationLoss(s_);
  Node* init = GlobalVariablesInitializer(s_);
  const auto session = NewSession(graph_, {.threads = 0});
  ASSERT_THAT(session, IsOk());
  ASSERT_THAT((*session)->Run(init), IsOk());
  const auto result =
      (*session)->Run({{labels_, Tensor::Of<int64_t>({0})},
                       {x, Tensor::Of<float>({1, 1}).Reshaped({1, 2})}},
                      {total, regularization});
  ASSERT_THAT(result, IsOk());
  EXPECT_NEAR((*result)[0].scalar<float>(), std::log(3.0) + 1.5, 1e-6);
  EXPECT_NEAR((*result)[1].scalar<float>(), 1.5, 1e-6);
}

TEST_F(LossesTest, NoRegularizationIsZero) {
  const Output none = RegularizationLoss(s_);
  const auto session = NewSession(graph_, {.threads = 0});
  ASSERT_THAT(session, IsOk());
  const auto result = (*session)->Run(none);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->scalar<float>(), 0);
}

TEST_F(LossesTest, OneLossIsItsOwnTotal) {
  const Output loss = SparseSoftmaxCrossEntropy(s_, labels_, logits_);
  EXPECT_EQ(TotalLoss(s_), loss);
}

TEST_F(LossesTest, ATotalNeedsALoss) {
  TotalLoss(s_);
  EXPECT_THAT(graph_.status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("no losses")));
}

}  // namespace
}  // namespace trellis::nn
