#include "trellis/nn/losses.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "trellis/graph/collections.h"
#include "trellis/graph/op_builder.h"
#include "trellis/graph/zeros.h"
#include "trellis/nn/reduce_mean.h"
#include "trellis/ops/add_n_ops.h"
#include "trellis/ops/softmax_ops.h"

namespace trellis::nn {
namespace {

std::vector<Output> LossesOf(Graph& graph, absl::string_view key) {
  return OutputsOf(GetCollection(graph, key));
}

// One loss needs no node.
Output Sum(const Scope& scope, const std::vector<Output>& losses,
           absl::string_view name, SourceLocation location) {
  if (losses.size() == 1) return losses[0];
  return ops::AddN(scope, losses, {.name = std::string(name)}, location);
}

}  // namespace

Output SparseSoftmaxCrossEntropy(const Scope& scope, Output labels,
                                 Output logits, absl::string_view name,
                                 SourceLocation location) {
  const Scope s = scope.NameScope("SparseSoftmaxCrossEntropyWithLogits");
  // Nothing uses this shape; but seeds of later operations count the nodes that
  // TensorFlow makes (R1.69).
  ShapeOf(s, labels, "Shape", location);
  const Output losses =
      ops::SparseSoftmaxCrossEntropyWithLogits(s, logits, labels, {}, location)
          .loss;
  const Output loss = ReduceMean(scope, losses, name, location);
  AddToCollection(scope.graph(), kLosses, loss).IgnoreError();
  return loss;
}

Output RegularizationLoss(const Scope& scope, absl::string_view name,
                          SourceLocation location) {
  const std::vector<Output> losses =
      LossesOf(scope.graph(), kRegularizationLosses);
  if (losses.empty()) return ToOutput(scope, 0.0f, name, kFloat32, location);
  return Sum(scope, losses, name, location);
}

Output TotalLoss(const Scope& scope, absl::string_view name,
                 SourceLocation location) {
  Graph& graph = scope.graph();
  std::vector<Output> losses = LossesOf(graph, kLosses);
  if (losses.empty()) {
    return graph
        .AddError(absl::InvalidArgumentError("there are no losses to add up"))
        ->output();
  }
  for (Output loss : LossesOf(graph, kRegularizationLosses)) {
    losses.push_back(loss);
  }
  return Sum(scope, losses, name, location);
}

}  // namespace trellis::nn
