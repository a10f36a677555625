#include "trellis/nn/optimizer.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/base/log.h"
#include "trellis/graph/collections.h"
#include "trellis/graph/expr.h"
#include "trellis/graph/partition.h"
#include "trellis/graph/variable_store.h"
#include "trellis/nn/adam.h"
#include "trellis/nn/batch_norm.h"
#include "trellis/nn/global_step.h"
#include "trellis/nn/gradient_descent.h"
#include "trellis/nn/momentum.h"
#include "trellis/nn/reduce_mean.h"
#include "trellis/ops/binary_ops.h"
#include "trellis/ops/placeholder_ops.h"
#include "trellis/ops/unary_ops.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/trellis.h"

namespace trellis::nn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::trellis::testing::IsOk;
using ::trellis::testing::StatusIs;

class OptimizerTest : public ::testing::TestWithParam<bool> {
 protected:
  ~OptimizerTest() override { SetLogSink({}); }

  // 4 rows through batch normalization.
  Output NormalizedLoss() {
    x_ = ops::Placeholder(s_, kFloat32, {.shape = {4, 2}, .name = "x"});
    const Output y = BatchNorm(s_, x_, true, {.momentum = 0.5, .scope = "bn"});
    return ReduceMean(s_, ops::Square(s_, y), "loss");
  }

  Output SquareOf(const Variable& w) {
    return ReduceMean(s_, ops::Square(s_, w), "loss");
  }

  std::unique_ptr<Session> InitializedSession() {
    Node* init = GlobalVariablesInitializer(s_);
    auto session = NewSession(graph_, {.threads = 0});
    EXPECT_THAT(session, IsOk());
    EXPECT_THAT((*session)->Run(init), IsOk());
    return *std::move(session);
  }

  std::vector<float> ValueOf(const Session& session, absl::string_view name) {
    const auto value = session.Run(FindVariable(graph_, name).snapshot());
    EXPECT_THAT(value, IsOk());
    const auto flat = value->flat<float>();
    return {flat.begin(), flat.end()};
  }

  const bool resource_ = GetParam();
  Graph graph_ = NewGraph({.tf115 = !resource_});
  Scope s_ = graph_.root();
  Output x_;
};

const Tensor& Ramp() {
  static const Tensor* const ramp = new Tensor(
      Tensor::Of<float>({0, 10, 2, 12, 4, 14, 6, 16}).Reshaped({4, 2}));
  return *ramp;
}

TEST_P(OptimizerTest, MinimizeMovesTheStatisticsOfBatchNormalization) {
  Node* train = GradientDescent(0.1).Minimize(s_, NormalizedLoss());
  ASSERT_THAT(graph_.status(), IsOk());
  const auto session = InitializedSession();
  ASSERT_THAT(session->Run({{x_, Ramp()}}, train), IsOk());
  EXPECT_THAT(ValueOf(*session, "bn/moving_mean"), ElementsAre(1.5f, 6.5f));
  EXPECT_THAT(ValueOf(*session, "bn/moving_variance"), ElementsAre(3, 3));
}

TEST_P(OptimizerTest, ToldNotToItWarnsAndLeavesThem) {
  std::vector<std::string> warnings;
  SetLogSink([&](const LogEntry& entry) {
    if (entry.level == LogLevel::kWarning) {
      warnings.push_back(std::string(entry.message));
    }
  });
  Node* train = GradientDescent(0.1).Minimize(s_, NormalizedLoss(),
                                              {.run_update_ops = false});
  ASSERT_THAT(graph_.status(), IsOk());
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("UPDATE_OPS of bn:")));
  const auto session = InitializedSession();
  ASSERT_THAT(session->Run({{x_, Ramp()}}, train), IsOk());
  EXPECT_THAT(ValueOf(*session, "bn/moving_mean"), ElementsAre(0, 0));
}

TEST_P(OptimizerTest, WithoutUpdateOpsThereIsNothingToWarnOf) {
  std::vector<std::string> warnings;
  SetLogSink([&](const LogEntry& entry) {
    warnings.push_back(std::string(entry.message));
  });
  const Variable w = GetVariable(s_, "w", {2});
  GradientDescent(0.1).Minimize(s_, SquareOf(w), {.run_update_ops = false});
  EXPECT_THAT(warnings, IsEmpty());
}

TEST_P(OptimizerTest, TheGlobalStepCounts) {
  const Variable step = CreateGlobalStep(s_);
  const Variable w = GetVariable(s_, "w", {2});
  Node* train = Adam().Minimize(s_, SquareOf(w), {.global_step = step});
  const auto session = InitializedSession();
  for (int i = 0; i < 3; ++i) ASSERT_THAT(session->Run(train), IsOk());
  const auto count = session->Run(step.snapshot());
  ASSERT_THAT(count, IsOk());
  EXPECT_EQ(count->scalar<int64_t>(), 3);
}

TEST_P(OptimizerTest, OnlyTheGivenVariablesChange) {
  const Variable a =
      GetVariable(s_, "a", Shape(), {.initializer = {1.0f, 2.0f}});
  const Variable b =
      GetVariable(s_, "b", Shape(), {.initializer = {1.0f, 2.0f}});
  const Output loss = ReduceMean(s_, s_(a) * b, "loss");
  Node* train = GradientDescent(1).Minimize(s_, loss, {.variables = {b}});
  const auto session = InitializedSession();
  ASSERT_THAT(session->Run(train), IsOk());
  EXPECT_THAT(ValueOf(*session, "a"), ElementsAre(1, 2));
  EXPECT_THAT(ValueOf(*session, "b"), ElementsAre(0.5f, 1));
}

TEST_P(OptimizerTest, AConstraintHoldsAfterTheUpdate) {
  const Variable w =
      GetVariable(s_, "w", Shape(),
                  {.initializer = {1.0f, -1.0f},
                   .constraint = [](const Scope& s, Output value) {
                     return ops::Maximum(s, value, 0.25f);
                   }});
  Node* train = GradientDescent(0.5).Minimize(s_, SquareOf(w));
  ASSERT_THAT(graph_.status(), IsOk());
  const auto session = InitializedSession();
  ASSERT_THAT(session->Run(train), IsOk());
  EXPECT_THAT(ValueOf(*session, "w"), ElementsAre(0.5f, 0.25f));
}

TEST_P(OptimizerTest, ASecondMinimizeSharesTheSlots) {
  const Variable w = GetVariable(s_, "w", {2});
  Momentum optimizer(0.1, 0.9);
  optimizer.Minimize(s_, SquareOf(w));
  const size_t variables = GlobalVariables(graph_).size();
  Node* second = optimizer.Minimize(s_, SquareOf(w));
  ASSERT_THAT(graph_.status(), IsOk());
  EXPECT_EQ(GlobalVariables(graph_).size(), variables);
  EXPECT_EQ(second->name(), "Momentum_1");
  EXPECT_EQ(optimizer.FindSlot(w, "momentum").name(), "w/Momentum");
  EXPECT_FALSE(optimizer.FindSlot(w, "m"));
}

TEST_P(OptimizerTest, EachPartOfAVariableHasItsSlots) {  // R3.14
  const Scope parts =
      s_.VariableScope("", {.partitioner = FixedSizePartitioner(2)});
  const Variable w = GetVariable(parts, "w", {3});
  Momentum optimizer(0.1, 0.9);
  optimizer.Minimize(parts, SquareOf(w));
  ASSERT_THAT(graph_.status(), IsOk());
  std::vector<std::string> names;
  for (const Variable& v : GlobalVariables(graph_)) names.push_back(v.name());
  EXPECT_THAT(names, ElementsAre("w/part_0", "w/part_1", "w/part_0/Momentum",
                                 "w/part_1/Momentum"));
}

TEST_P(OptimizerTest, WithoutVariablesThereIsNothingToOptimize) {
  const Output x = ops::Placeholder(s_, kFloat32, {.shape = {}});
  GradientDescent(0.1).Minimize(s_, x);
  EXPECT_THAT(graph_.status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("no variables")));
}

TEST_P(OptimizerTest, WithoutGradientsTheVariablesAreNamed) {
  GetVariable(s_, "w", {2});
  const Output x = ops::Placeholder(s_, kFloat32, {.shape = {}});
  GradientDescent(0.1).Minimize(s_, x);
  EXPECT_THAT(graph_.status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("no variable has a gradient: w")));
}

TEST_P(OptimizerTest, AnIntegerLossIsAnError) {
  GetVariable(s_, "w", {2});
  const Output x = ops::Placeholder(s_, kInt32, {.shape = {}, .name = "count"});
  GradientDescent(0.1).Minimize(s_, x);
  EXPECT_THAT(graph_.status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("loss count:0 is int32")));
}

INSTANTIATE_TEST_SUITE_P(Both, OptimizerTest, ::testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "resource" : "ref";
                         });

}  // namespace
}  // namespace trellis::nn
