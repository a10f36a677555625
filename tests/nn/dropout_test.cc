#include "trellis/nn/dropout.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/values.h"
#include "trellis/ops/placeholder_ops.h"
#include "trellis/tests/graph_text.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/trellis.h"

namespace trellis::nn {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::HasSubstr;
using ::trellis::testing::IsOk;
using ::trellis::testing::NodeNames;
using ::trellis::testing::StatusIs;

class DropoutTest : public ::testing::Test {
 protected:
  Graph graph_ = NewGraph({.seed = 1});
  Scope s_ = graph_.root();
  const Output x_ =
      ops::Placeholder(s_, kFloat32, {.shape = {-1, 2}, .name = "x"});
};

TEST_F(DropoutTest, NodesAreTensorFlows) {  // R1.27, E3.2a
  Dropout(s_, x_, 0.5, true);
  ASSERT_THAT(graph_.status(), IsOk());
  EXPECT_THAT(
      NodeNames(graph_),
      ElementsAre("x", "dropout/dropout/rate", "dropout/dropout/Shape",
                  "dropout/dropout/random_uniform/min",
                  "dropout/dropout/random_uniform/max",
                  "dropout/dropout/random_uniform/RandomUniform",
                  "dropout/dropout/random_uniform/sub",
                  "dropout/dropout/random_uniform/mul",
                  "dropout/dropout/random_uniform", "dropout/dropout/sub/x",
                  "dropout/dropout/sub", "dropout/dropout/truediv/x",
                  "dropout/dropout/truediv", "dropout/dropout/GreaterEqual",
                  "dropout/dropout/mul", "dropout/dropout/Cast",
                  "dropout/dropout/mul_1"));
}

TEST_F(DropoutTest, IsAnIdentityOutsideOfTraining) {
  const Output y = Dropout(s_, x_, 0.5, false);
  EXPECT_EQ(y.node->op(), "Identity");
  EXPECT_EQ(y.node->name(), "dropout/Identity");
}

TEST_F(DropoutTest, ARateOfZeroNeedsNoNode) {
  EXPECT_EQ(Dropout(s_, x_, 0, true), x_);
  EXPECT_EQ(Dropout(s_, x_, 0.0, true), x_);
}

TEST_F(DropoutTest, DropsTheShareAndKeepsTheMean) {
  const Output ones = Ones(s_, {200, 500});
  const Output y = Dropout(s_, ones, 0.2, true);
  const auto session = NewSession(graph_, {.threads = 0});
  ASSERT_THAT(session, IsOk());
  const auto first = (*session)->Run(y);
  ASSERT_THAT(first, IsOk());
  const auto values = first->flat<float>();
  const auto dropped = std::count(values.begin(), values.end(), 0.0f);
  // 100,000 draws: the standard deviation is 126.
  EXPECT_NEAR(dropped, 20000, 700);
  std::vector<float> kept;
  std::copy_if(values.begin(), values.end(), std::back_inserter(kept),
               [](float v) { return v != 0; });
  EXPECT_THAT(kept, Each(FloatEq(1.25f)));

  const auto second = (*session)->Run(y);
  ASSERT_THAT(second, IsOk());
  EXPECT_FALSE(second->SameAs(*first)) << "drawn anew in every run";
}

TEST_F(DropoutTest, TheRateMayBeATensor) {
  const Output rate =
      ops::Placeholder(s_, kFloat32, {.shape = Shape::Scalar()});
  const Output y = Dropout(s_, x_, rate, true);
  const auto session = NewSession(graph_, {.threads = 0});
  ASSERT_THAT(session, IsOk());
  const Tensor x = Tensor::Of<float>({1, 2}).Reshaped({1, 2});
  const auto result =
      (*session)->Run({{x_, x}, {rate, Tensor::Scalar(0.0f)}}, y);
  ASSERT_THAT(result, IsOk());
  EXPECT_TRUE(result->SameAs(x));
}

TEST_F(DropoutTest, ARateOfOneIsAnError) {
  Dropout(s_, x_, 1.0, true);
  EXPECT_THAT(graph_.status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("must be in [0, 1)")));
}

TEST_F(DropoutTest, ARateIsOneNumber) {
  Dropout(s_, x_, {0.1, 0.2}, true);
  EXPECT_THAT(graph_.status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("must be one number")));
}

}  // namespace
}  // namespace trellis::nn
