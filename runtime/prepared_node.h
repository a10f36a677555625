// A node made ready to run for given shapes: what planned steps, dynamic steps
// and constant folding have in common.
#ifndef TRELLIS_RUNTIME_PREPARED_NODE_H_
#define TRELLIS_RUNTIME_PREPARED_NODE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/shape_context.h"
#include "trellis/graph/tensor.h"
#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {

// What is known of one input of a node.
struct InputFacts {
  // As shape functions see it.
  Shape shape;
  // The value, or nullptr. Not owned.
  const Tensor* value = nullptr;
  // Of a reference or resource: the variable.
  const HandleInfo* variable = nullptr;
};

struct PreparedNode {
  std::unique_ptr<Kernel> kernel;
  // Fully defined, or unknown where only Run finds them out.
  std::vector<Shape> output_shapes;
  size_t scratch_bytes = 0;
  // Inputs whose values were looked at: with other values the node must be
  // prepared again. Bit i: input i; inputs above 63 share the last bit.
  uint64_t values_used = 0;
};

struct NodeShapes {
  std::vector<Shape> shapes;  // one per output
  std::vector<std::optional<HandleInfo>> handles;
  uint64_t values_used = 0;
};

// The op's shape function on these facts. Errors name the node.
absl::StatusOr<NodeShapes> InferShapesFrom(const Node& node,
                                           absl::Span<const InputFacts> inputs);

// What the op's value function says on these facts, if it says all; an invalid
// tensor otherwise.
Tensor ValueFromShapes(const Node& node, absl::Span<const InputFacts> inputs);

// Makes and prepares the kernel. `outputs` are InferShapesFrom's.
// REQUIRES: the values of the entry's value_inputs are known.
absl::StatusOr<PreparedNode> PrepareNode(const Node& node,
                                         const KernelEntry& entry,
                                         absl::Span<const InputFacts> inputs,
                                         NodeShapes outputs);

// `indices` of the schema's input arguments, as a mask over the node's inputs.
std::vector<bool> InputMask(const Node& node, const std::vector<int>& args);

// An error of a kernel or shape function with the node in front:
// "conv1/Conv2D (model.cc:42): ...; node is Conv2D(x:0 float32[...], ...)".
absl::Status AtNode(const Node& node, const absl::Status& status);

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_PREPARED_NODE_H_
