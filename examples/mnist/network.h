// The networks of this example, as graphs: a batch-normalized one and, to be
// compared with, softmax regression.
#ifndef TRELLIS_EXAMPLES_MNIST_NETWORK_H_
#define TRELLIS_EXAMPLES_MNIST_NETWORK_H_

#include "trellis/graph/dtype.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/variable.h"

namespace trellis::mnist {

inline constexpr int kClasses = 10;

enum class Model { kNetwork, kSoftmaxRegression };
enum class Training { kAdam, kMomentum };

struct NetworkOptions {
  Model model = Model::kNetwork;
  Training training = Training::kAdam;
  DType dtype = kFloat32;  // or kFloat64
};

// Two towers on the same variables: one that is trained, and one without
// dropout, normalized by the moving statistics, to predict with.
struct Network {
  // To be fed.
  Output pixels;         // [n, 784], 0 to 1
  Output labels;         // int64 [n]
  Output learning_rate;  // float32, for `train`

  // The training tower.
  Output loss;
  Output accuracy;
  Node* train;
  Variable global_step;

  // The other tower, on /cpu:1.
  Output logits;  // [n, 10]
  Output test_loss;
  Output test_accuracy;

  Node* initializer;
};

// Adds all of it to the scope's graph; errors are in the graph's status.
Network BuildNetwork(const Scope& scope, const NetworkOptions& options = {});

}  // namespace trellis::mnist

#endif  // TRELLIS_EXAMPLES_MNIST_NETWORK_H_
