#include "trellis/runtime/compile/fold_constants.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/infer_shapes.h"
#include "trellis/runtime/evaluate.h"

namespace trellis {
namespace {

// Results above this many elements are cheaper to compute than to keep.
constexpr int64_t kMaxElements = int64_t{1} << 20;

bool IsSmall(const Node& node) {
  for (int i = 0; i < node.num_outputs(); ++i) {
    const Shape& shape = node.output_shape(i);
    if (shape.fully_defined() && shape.num_elements() > kMaxElements) {
      return false;
    }
  }
  return true;
}

// The values of all outputs, or nothing.
std::optional<std::vector<Tensor>> ValuesOf(Node& node,
                                            const KernelRegistry& kernels) {
  if (node.num_outputs() == 1) {
    if (std::optional<Tensor> value = ConstantValue(node.output())) {
      return std::vector<Tensor>{*std::move(value)};
    }
  }
  std::vector<Tensor> inputs;
  for (Output input : node.inputs()) {
    std::optional<Tensor> value = ConstantValue(input);
    if (!value.has_value()) return std::nullopt;
    inputs.push_back(*std::move(value));
  }
  absl::StatusOr<std::vector<Tensor>> outputs = Evaluate(node, inputs, kernels);
  if (!outputs.ok()) return std::nullopt;
  return *std::move(outputs);
}

}  // namespace

absl::StatusOr<bool> FoldConstants(Graph& graph,
                                   const KernelRegistry& kernels) {
  bool changed = false;
  for (Node* node : graph.nodes()) {
    if (node->schema()->constant || !IsPure(*node) || !IsSmall(*node)) continue;
    std::optional<std::vector<Tensor>> values = ValuesOf(*node, kernels);
    if (!values.has_value()) continue;
    Node* first = nullptr;
    for (int i = 0; i < node->num_outputs(); ++i) {
      NodeSpec spec = {
          .name = absl::StrCat(node->name(), "/_folded_", i),
          .op = "Const",
          .attrs = {{"dtype", (*values)[i].dtype()}, {"value", (*values)[i]}},
          .device = node->device(),
          .location = node->location()};
      spec.control_inputs.assign(node->control_inputs().begin(),
                                 node->control_inputs().end());
      TRELLIS_ASSIGN_OR_RETURN(Node * constant,
                               graph.TryAddNode(std::move(spec)));
      if (i == 0) first = constant;
      TRELLIS_RETURN_IF_ERROR(
          graph.ReplaceUses(node->output(i), constant->output()));
    }
    TRELLIS_RETURN_IF_ERROR(graph.ReplaceControlUses(node, first));
    TRELLIS_RETURN_IF_ERROR(graph.RemoveNode(node));
    changed = true;
  }
  return changed;
}

}  // namespace trellis
