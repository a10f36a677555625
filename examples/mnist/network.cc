#include "trellis/examples/mnist/network.h"

#include <cstdint>

#include "trellis/base/name.h"
#include "trellis/data/digits.h"
#include "trellis/graph/regularizers.h"
#include "trellis/graph/variable_store.h"
#include "trellis/nn/nn.h"
#include "trellis/ops/placeholder_ops.h"

namespace trellis::mnist {
namespace {

constexpr double kDropoutRate = 0.2;
constexpr double kWeightDecay = 1e-5;
constexpr double kMomentum = 0.9;

// One of the two uses of a layer's variables.
struct Tower {
  bool training;
  Reuse reuse;
};
constexpr Tower kTrainingTower = {.training = true, .reuse = Reuse::kNone};
constexpr Tower kTestTower = {.training = false, .reuse = Reuse::kTrue};

Output HiddenLayer(const Scope& scope, Name name, Output x, int64_t units,
                   const Tower& tower) {
  const Scope s = scope.VariableScope(name, {.reuse = tower.reuse});
  Output h = nn::Dense(s, x, units,
                       {.use_bias = false,  // beta is one
                        .kernel_regularizer = L2Regularizer(kWeightDecay),
                        .scope = "dense"});
  h = nn::BatchNorm(s, h, tower.training, {.scope = "batch_norm"});
  return nn::Dropout(s, nn::Relu(s, h), kDropoutRate, tower.training);
}

Output Logits(const Scope& s, Model model, Output x, const Tower& tower) {
  if (model == Model::kNetwork) {
    x = HiddenLayer(s, "fc1", x, 256, tower);
    x = HiddenLayer(s, "fc2", x, 128, tower);
  }
  return nn::Dense(s, x, kClasses, {.reuse = tower.reuse, .scope = "logits"});
}

Node* Minimize(const Scope& s, Training training, const Network& n) {
  const Output loss = nn::TotalLoss(s);
  const nn::MinimizeOptions options = {.global_step = n.global_step,
                                       .name = "train"};
  if (training == Training::kMomentum) {
    return nn::Momentum(n.learning_rate, kMomentum).Minimize(s, loss, options);
  }
  return nn::Adam({.learning_rate = n.learning_rate})
      .Minimize(s, loss, options);
}

}  // namespace

Network BuildNetwork(const Scope& s, const NetworkOptions& options) {
  const Model model = options.model;
  Network n;
  n.pixels = ops::Placeholder(s, options.dtype,
                              {.shape = {-1, kDigitPixels}, .name = "pixels"});
  n.labels = ops::Placeholder(s, kInt64, {.shape = {-1}, .name = "labels"});
  n.learning_rate = ops::Placeholder(
      s, kFloat32, {.shape = Shape::Scalar(), .name = "learning_rate"});
  n.global_step = nn::CreateGlobalStep(s);

  const Output trained = Logits(s, model, n.pixels, kTrainingTower);
  n.loss = nn::SparseSoftmaxCrossEntropy(s, n.labels, trained);
  n.accuracy = nn::Accuracy(s, n.labels, trained);
  n.train = Minimize(s, options.training, n);

  const Scope test = s.NameScope("test").WithDevice("/cpu:1");
  n.logits = Logits(test, model, n.pixels, kTestTower);
  n.test_loss = nn::SparseSoftmaxCrossEntropy(test, n.labels, n.logits);
  n.test_accuracy = nn::Accuracy(test, n.labels, n.logits);

  n.initializer = GlobalVariablesInitializer(s);
  return n;
}

}  // namespace trellis::mnist
