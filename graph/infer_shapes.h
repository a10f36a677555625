// Shape inference for one node inside its graph.
#ifndef TRELLIS_GRAPH_INFER_SHAPES_H_
#define TRELLIS_GRAPH_INFER_SHAPES_H_

#include <optional>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/shape_context.h"

namespace trellis {

struct InferredShapes {
  // One of each per output.
  absl::InlinedVector<Shape, 2> shapes;
  absl::InlinedVector<std::optional<HandleInfo>, 2> handles;
};

// Runs the op's shape function on what the graph knows: the shapes of the
// inputs, values of constants, and shapes computed from shapes. Unknown shapes
// for an op without schema.
absl::StatusOr<InferredShapes> InferNodeShapes(const Node& node);

// The value of `output` if the graph says it: a Const, or what can be computed
// from shapes (fully known). nullopt otherwise.
std::optional<Tensor> ConstantValue(Output output);

// What is known of an integer scalar or vector.
std::optional<PartialValue> PartialValueOf(Output output);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_INFER_SHAPES_H_
