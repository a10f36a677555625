#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/data/batches.h"
#include "trellis/data/digits.h"
#include "trellis/examples/mnist/network.h"
#include "trellis/graph/collections.h"
#include "trellis/nn/training.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/trellis.h"

namespace trellis::mnist {
namespace {

using ::testing::ElementsAre;
using ::trellis::testing::IsOk;

constexpr int64_t kBatch = 50;

std::vector<std::string> TrainableNames(Graph& graph) {
  std::vector<std::string> names;
  for (const Variable& v : TrainableVariables(graph)) {
    names.push_back(v.name());
  }
  return names;
}

TEST(MnistNetworkTest, TowersShareTheirVariables) {
  Graph graph = NewGraph();
  const Network network = BuildNetwork(graph.root());
  ASSERT_THAT(graph.status(), IsOk());
  EXPECT_THAT(TrainableNames(graph),
              ElementsAre("fc1/dense/kernel", "fc1/batch_norm/gamma",
                          "fc1/batch_norm/beta", "fc2/dense/kernel",
                          "fc2/batch_norm/gamma", "fc2/batch_norm/beta",
                          "logits/kernel", "logits/bias"));
  EXPECT_EQ(network.logits.node->device(), "/device:CPU:1");
  EXPECT_EQ(GetCollection(graph, kUpdateOps).size(), 4u);
}

TEST(MnistNetworkTest, LearnsDigits) {
  const LabeledImages digits = RenderDigits(1, 1000);
  Graph graph = NewGraph({.seed = 1});
  const Network network = BuildNetwork(graph.root());
  const auto session =
      NewSession(graph, {.threads = 0, .device_count = {{"CPU", 2}}});
  ASSERT_THAT(session, IsOk());
  ASSERT_THAT((*session)->Run(network.initializer), IsOk());

  Batches batches(digits, 1);
  const auto next = [&](int64_t, std::vector<Tensor>* feeds) {
    (*feeds)[0] = Tensor(kFloat32, {kBatch, kDigitPixels});
    (*feeds)[1] = Tensor(kInt64, {kBatch});
    batches.Next((*feeds)[0].flat<float>(), (*feeds)[1].flat<int64_t>());
    if (feeds->size() > 2) (*feeds)[2] = Tensor::Scalar(2e-3f);
    return absl::OkStatus();
  };
  ASSERT_THAT(nn::Train(**session,
                        {.feeds = {network.pixels, network.labels,
                                   network.learning_rate},
                         .loss = network.loss,
                         .train = network.train},
                        {.last_step = 200}, next),
              IsOk());
  const auto means =
      nn::Evaluate(**session, {network.pixels, network.labels},
                   {network.test_accuracy}, digits.count / kBatch, next);
  ASSERT_THAT(means, IsOk());
  EXPECT_GT((*means)[0], 0.95);
}

TEST(MnistNetworkTest, SoftmaxRegressionIsOneLayer) {
  Graph graph = NewGraph();
  BuildNetwork(graph.root(), {.model = Model::kSoftmaxRegression});
  ASSERT_THAT(graph.status(), IsOk());
  EXPECT_THAT(TrainableNames(graph),
              ElementsAre("logits/kernel", "logits/bias"));
}

}  // namespace
}  // namespace trellis::mnist
