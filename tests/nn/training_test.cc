#include "trellis/nn/training.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/initializers.h"
#include "trellis/graph/variable_store.h"
#include "trellis/nn/gradient_descent.h"
#include "trellis/nn/reduce_mean.h"
#include "trellis/ops/binary_ops.h"
#include "trellis/ops/placeholder_ops.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/trellis.h"

namespace trellis::nn {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::trellis::testing::IsOk;
using ::trellis::testing::StatusIs;

// Moves a number towards the ones that are fed.
class TrainingTest : public ::testing::Test {
 protected:
  TrainingTest() {
    const Variable w = GetVariable(s_, "w", Shape::Scalar(),
                                   {.initializer = ConstantInitializer(0)});
    x_ = ops::Placeholder(s_, kFloat32, {.shape = {-1}});
    loss_ = ReduceMean(s_, ops::SquaredDifference(s_, x_, w), "loss");
    train_ = GradientDescent(0.5).Minimize(s_, loss_);
    Node* init = GlobalVariablesInitializer(s_);
    session_ = *NewSession(graph_, {.threads = 0});
    EXPECT_THAT(session_->Run(init), IsOk());
  }

  TrainingStep Step() const {
    return {.feeds = {x_}, .loss = loss_, .train = train_};
  }

  Graph graph_ = NewGraph();
  Scope s_ = graph_.root();
  Output x_, loss_;
  Node* train_;
  std::unique_ptr<Session> session_;
};

TEST_F(TrainingTest, RunsTheStepsAndReports) {
  std::vector<int64_t> fed, reported;
  std::vector<double> losses;
  const auto status = Train(*session_, Step(),
                            {.first_step = 2,
                             .last_step = 7,
                             .examples_per_step = 1,
                             .report_every = 2,
                             .report =
                                 [&](const Progress& p) {
                                   reported.push_back(p.step);
                                   losses.push_back(p.loss);
                                   EXPECT_LT(p.accuracy, 0);
                                   EXPECT_EQ(p.last_step, 7);
                                 }},
                            [&](int64_t step, std::vector<Tensor>* feeds) {
                              fed.push_back(step);
                              (*feeds)[0] =
                                  Tensor::Of<float>({static_cast<float>(step)});
                              return absl::OkStatus();
                            });
  ASSERT_THAT(status, IsOk());
  EXPECT_THAT(fed, ElementsAre(2, 3, 4, 5, 6));
  EXPECT_THAT(reported, ElementsAre(4, 6, 7));
  // The number is the one fed before; at first 0. Means over the reports.
  EXPECT_THAT(losses,
              ElementsAre(DoubleEq((4 + 1) / 2.0), DoubleEq(1), DoubleEq(1)));
}

TEST_F(TrainingTest, StopsWhereTheLossIsNotFinite) {
  const auto status =
      Train(*session_, Step(), {.last_step = 10},
            [&](int64_t step, std::vector<Tensor>* feeds) {
              (*feeds)[0] = Tensor::Of<float>(
                  {step == 3 ? std::numeric_limits<float>::quiet_NaN() : 0.0f});
              return absl::OkStatus();
            });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kOutOfRange,
                               HasSubstr("step 3: loss:0 is nan")));
}

TEST_F(TrainingTest, AnErrorOfTheInputEndsTheLoop) {
  const auto status = Train(*session_, Step(), {.last_step = 10},
                            [&](int64_t, std::vector<Tensor>*) {
                              return absl::DataLossError("the disk is gone");
                            });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(TrainingTest, EvaluateWeighsBatchesBySize) {
  const auto means = Evaluate(
      *session_, {x_}, {loss_}, 2, [&](int64_t i, std::vector<Tensor>* feeds) {
        (*feeds)[0] =
            i == 0 ? Tensor::Of<float>({1, 1, 1}) : Tensor::Of<float>({3});
        return absl::OkStatus();
      });
  ASSERT_THAT(means, IsOk());
  EXPECT_THAT(*means, ElementsAre(DoubleEq((3 * 1 + 1 * 9) / 4.0)));
}

TEST(ProgressTest, ALineSaysItAll) {
  EXPECT_EQ(FormatProgress({.step = 300,
                            .last_step = 3000,
                            .loss = 0.12345,
                            .accuracy = 0.965,
                            .examples_per_second = 21400.4,
                            .seconds_left = 12.3}),
            "step  300/3000  loss 0.1235  accuracy 96.50%  21400 examples/s  "
            "12s left");
  EXPECT_EQ(
      FormatProgress({.step = 1, .last_step = 2, .loss = 1, .accuracy = -1}),
      "step 1/2  loss 1.0000  0 examples/s  0s left");
}

TEST(ProgressTest, OutsideOfATerminalEachReportIsALine) {
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  ProgressPrinter printer(file);
  printer.Print({.step = 1, .last_step = 2});
  printer.Print({.step = 2, .last_step = 2});
  std::rewind(file);
  char text[500] = {};
  const size_t size = std::fread(text, 1, sizeof(text) - 1, file);
  std::fclose(file);
  EXPECT_EQ(std::count(text, text + size, '\n'), 2);
  EXPECT_THAT(std::string(text), ::testing::Not(HasSubstr("\r")));
}

}  // namespace
}  // namespace trellis::nn
