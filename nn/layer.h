// What all layers share: how they open their scope and make their weights.
#ifndef TRELLIS_NN_LAYER_H_
#define TRELLIS_NN_LAYER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/source_location.h"
#include "trellis/graph/variable.h"
#include "trellis/graph/variable_scope.h"

namespace trellis::nn {

// How a layer's scope is called, and whether its variables are shared (R3.2):
// name "fc1" is the variable scope of that name, "" a new one that is called
// after the kind of layer, made unique.
struct LayerScope {
  std::string name = "";
  Reuse reuse = Reuse::kNone;  // needs a name
};

// The open scope. Its nodes lie in a name scope of their own at each call,
// "fc1_1" at the second.
Scope OpenLayer(const Scope& scope, const LayerScope& layer,
                absl::string_view kind);

struct WeightOptions {
  DType dtype = kFloat32;
  // Not set: the variable scope's, else Glorot uniform for numbers.
  Initializer initializer = {};
  // Adds a loss below "<layer>/<name>/Regularizer" to REGULARIZATION_LOSSES
  // when the variable is new (R3.5), beside that of the variable scope.
  Regularizer regularizer = nullptr;
  bool trainable = true;
  bool partition = true;  // as the variable scope says; false: made whole
};

// The layer's variable "<layer>/<name>", new or shared. Errors as GetVariable.
Variable AddWeight(const Scope& layer, absl::string_view name,
                   const Shape& shape, const WeightOptions& options,
                   SourceLocation location);

// Records `error` about the layer that `layer` was opened for, and the line of
// its call, in the graph's status. Returns the graph's error node.
Output LayerError(const Scope& layer, const absl::Status& error,
                  SourceLocation location);

}  // namespace trellis::nn

#endif  // TRELLIS_NN_LAYER_H_
