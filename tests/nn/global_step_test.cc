#include "trellis/nn/global_step.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/collections.h"
#include "trellis/graph/variable_store.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/trellis.h"

namespace trellis::nn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::trellis::testing::IsOk;
using ::trellis::testing::StatusIs;

class GlobalStepTest : public ::testing::Test {
 protected:
  Graph graph_ = NewGraph();
  Scope s_ = graph_.root();
};

TEST_F(GlobalStepTest, NameScopesDoNotMatterVariableScopesDo) {  // R3.18
  EXPECT_EQ(CreateGlobalStep(s_.NameScope("a")).name(), "global_step");
  Graph other = NewGraph();
  EXPECT_EQ(CreateGlobalStep(other.root().VariableScope("vs")).name(),
            "vs/global_step");
}

TEST_F(GlobalStepTest, IsFoundAgainAndNotTrained) {
  EXPECT_FALSE(GetGlobalStep(graph_));
  const Variable step = GetOrCreateGlobalStep(s_);
  EXPECT_EQ(GetOrCreateGlobalStep(s_), step);
  EXPECT_FALSE(step.trainable());
  EXPECT_EQ(step.dtype(), kInt64);
  EXPECT_THAT(VariablesOf(GetCollection(graph_, kGlobalStep)),
              ElementsAre(step));
  EXPECT_THAT(GlobalVariables(graph_), ElementsAre(step));
  EXPECT_THAT(graph_.status(), IsOk());
}

TEST_F(GlobalStepTest, AGraphHasOne) {
  CreateGlobalStep(s_);
  CreateGlobalStep(s_.VariableScope("vs"));
  EXPECT_THAT(graph_.status(), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(GlobalStepTest, AVariableOfThatNameWillDoIfItCounts) {
  const Variable step = GetVariable(
      s_, "global_step", Shape(),
      {.initializer = Tensor::Scalar(int32_t{0}), .trainable = false});
  EXPECT_EQ(GetGlobalStep(graph_), step);

  Graph other = NewGraph();
  GetVariable(other.root(), "global_step", {2});
  GetGlobalStep(other);
  EXPECT_THAT(other.status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                       HasSubstr("is float32[2]")));
}

}  // namespace
}  // namespace trellis::nn
