// What an op's gradient function sees: the forward node, the gradients of its
// outputs, and a way to add nodes by op name. It sets the gradients of the
// inputs; an input that is left out gets none.
//
//   absl::Status ExpGradient(GradientContext& g) {
//     g.set_input_grad(0, g.Emit("Mul", {g.output_grad(0), g.output(0)}));
//     return g.status();
//   }
//
// Nodes are made in the scope "<gradients scope>/<node>_grad" with the names
// TensorFlow 1.15 gives them: a node's name is its op's unless said otherwise,
// and a literal among its inputs is a Const below it.
//
// Slices. The gradient of an output may be IndexedSlices; then output_grad is
// their `values`, and stands for the whole gradient wherever the context takes
// it. Emit turns it into a dense tensor below the node that uses it, as
// argument "x" of "mul" becomes "mul/x" (R6.16); set_input_grad passes the
// slices on. So a gradient function is written for dense tensors. One that
// looks at shapes of output_grad asks output_grad_slices first.
#ifndef TRELLIS_GRAPH_GRADIENT_CONTEXT_H_
#define TRELLIS_GRAPH_GRADIENT_CONTEXT_H_

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/indexed_slices.h"
#include "trellis/graph/input.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/source_location.h"
#include "trellis/graph/tensor.h"

namespace trellis {

class GradientContext {
 public:
  // `output_grads` has one entry per output; none where no y depends on that
  // output. It and `node` must outlive the context.
  GradientContext(Scope scope, Node& node,
                  absl::Span<const Gradient> output_grads,
                  SourceLocation location = {});
  GradientContext(const GradientContext&) = delete;
  GradientContext& operator=(const GradientContext&) = delete;

  // ---- the forward node

  Node& node() const { return node_; }
  int num_inputs() const { return node_.num_inputs(); }
  int num_outputs() const { return node_.num_outputs(); }
  Output input(int i) const { return node_.input(i); }
  Output output(int i) const { return node_.output(i); }
  template <typename T>
  T attr(absl::string_view name) const {
    return node_.attr<T>(name);
  }

  // ---- the gradients of its outputs

  // Is there a gradient for output i? The engine gives zeros for outputs of
  // floating type without one (as TensorFlow does), so mostly yes.
  bool has_output_grad(int i) const {
    return static_cast<bool>(output_grads_[i]);
  }
  Output output_grad(int i) const { return output_grads_[i].output(); }
  // nullptr unless the gradient of output i is slices.
  const IndexedSlices* output_grad_slices(int i) const {
    return output_grads_[i].slices();
  }

  // ---- adding nodes

  // Where nodes are made; code that uses it directly sees slices as they are.
  const Scope& scope() const { return scope_; }

  // Adds a node and returns its first output.
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
  // Zeros like x: a Const named `name` where the shape is fully known, else a
  // ZerosLike node.
  Output ZerosLike(Output x, absl::string_view name = "zeros_like");

  // Changes the scope until it is destroyed:
  //
  //   {
  //     const auto waiting = g.WaitFor(dy);
  //     y = g.Emit("Mul", {x, 2.0f});
  //   }
  class [[nodiscard]] ScopeChange {
   public:
    ~ScopeChange() { context_.scope_ = std::move(before_); }
    ScopeChange(const ScopeChange&) = delete;
    ScopeChange& operator=(const ScopeChange&) = delete;

   private:
    friend class GradientContext;
    ScopeChange(GradientContext& context, Scope scope)
        : context_(context),
          before_(std::exchange(context.scope_, std::move(scope))) {}

    GradientContext& context_;
    Scope before_;
  };

  // Nodes wait for the node that makes `output` (R1.47; R6.42 says where
  // TensorFlow's gradients do).
  ScopeChange WaitFor(Output output);
  // Nodes are made in the name scope `name` below the current one. A node that
  // is to carry the scope's own name is given scope().path().
  ScopeChange NameScope(absl::string_view name);
  // Nodes are placed with the node that makes `output` (R1.60).
  ScopeChange ColocateWith(Output output);

  // ---- results

  // An input outside of [0, num_inputs()) is an error of status() (R6.19).
  void set_input_grad(int i, Output grad);
  void set_input_grad_slices(int i, IndexedSlices grad);

  // The first error of the calls above, or of the graph; what a gradient
  // function returns unless it has an error of its own.
  absl::Status status() const;

  // One entry per input: for the engine.
  const std::vector<Gradient>& input_grads() const { return input_grads_; }

 private:
  // The slices that `output` stands for, or nullptr.
  const IndexedSlices* SlicesOf(Output output) const;
  void Set(int i, Gradient grad);

  Scope scope_;
  Node& node_;
  const absl::Span<const Gradient> output_grads_;
  const SourceLocation location_;
  bool has_slices_ = false;  // among output_grads_
  std::vector<Gradient> input_grads_;
  absl::Status status_;
};

}  // namespace trellis

#endif  // TRELLIS_GRAPH_GRADIENT_CONTEXT_H_
