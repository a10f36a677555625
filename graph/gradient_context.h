// What an op's gradient function sees: the forward node, the gradients of its
// outputs, and a way to add nodes by op name. It sets the gradients of the
// inputs; an input that is left out gets none.
//
// Nodes are made in the scope "<gradients scope>/<node>_grad" with the names
// TensorFlow 1.15 gives them: a node's name is its op's unless said otherwise.
#ifndef TRELLIS_GRAPH_GRADIENT_CONTEXT_H_
#define TRELLIS_GRAPH_GRADIENT_CONTEXT_H_

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/input.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/tensor.h"

namespace trellis {

// A gradient with few non-zero rows: values[i] belongs to row indices[i] of a
// tensor of shape dense_shape (TensorFlow's IndexedSlices).
struct IndexedSlices {
  Output values;
  Output indices;
  Output dense_shape;  // may be none
};

class GradientContext {
 public:
  // `output_grads` has one entry per output; a default-made Output where none
  // of the ys depends on that output.
  GradientContext(Scope scope, Node& node,
                  absl::Span<const Output> output_grads);

  const Scope& scope() const { return scope_; }
  Node& node() const { return node_; }
  int num_inputs() const { return node_.num_inputs(); }
  int num_outputs() const { return node_.num_outputs(); }
  Output input(int i) const { return node_.input(i); }
  Output output(int i) const { return node_.output(i); }
  template <typename T>
  T attr(absl::string_view name) const {
    return node_.attr<T>(name);
  }
  // Is there a gradient for output i? The engine gives zeros for outputs of
  // floating type without one (as TensorFlow does), so mostly yes.
  bool has_output_grad(int i) const { return static_cast<bool>(grads_[i]); }
  Output output_grad(int i) const { return grads_[i]; }

  // Adds a node and returns its first output. Literals in `inputs` become
  // constants below the node's name, as everywhere (R1.26).
  Output Emit(absl::string_view op, std::initializer_list<Input> inputs,
              AttrMap attrs = {}, absl::string_view name = "");
  // The same, for nodes with several outputs or none.
  Node* EmitNode(absl::string_view op, absl::Span<const Input> inputs,
                 AttrMap attrs = {}, absl::string_view name = "");
  // A Const node named `name` in the scope.
  Output Constant(Tensor value, absl::string_view name = "Const");
  // The shape of x as an int32 vector, a Const named `name` where it is fully
  // known (R1.33), else a Shape node.
  Output ShapeOf(Output x, absl::string_view name = "Shape");

  void set_input_grad(int i, Output grad);
  void set_input_grad_slices(int i, IndexedSlices grad);

  // For gradients that need what was not asked for: the same as returning it.
  absl::Status status() const;

  // ---- results, for the engine
  const Output& input_grad(int i) const { return input_grads_[i]; }
  const std::optional<IndexedSlices>& input_grad_slices(int i) const {
    return slices_[i];
  }

 private:
  Scope scope_;
  Node& node_;
  absl::Span<const Output> grads_;
  std::vector<Output> input_grads_;
  std::vector<std::optional<IndexedSlices>> slices_;
};

}  // namespace trellis

#endif  // TRELLIS_GRAPH_GRADIENT_CONTEXT_H_
