// Symbolic gradients: nodes that compute the derivatives of some tensors with
// respect to others are added to the graph that holds both.
//
//   TRELLIS_ASSIGN_OR_RETURN(std::vector<Gradient> grads,
//                            AddGradients(scope, {loss}, {weights, biases}));
//
// The rules and every name are those of TensorFlow 1.15's tf.gradients (R6.1 -
// R6.29). Gradients of gradients are taken by calling it again. What a
// gradient is made of is said by each op's schema (gradient_context.h).
#ifndef TRELLIS_GRAPH_GRADIENTS_H_
#define TRELLIS_GRAPH_GRADIENTS_H_

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/indexed_slices.h"
#include "trellis/graph/input.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/source_location.h"
#include "trellis/graph/variable.h"

namespace trellis {

// A tensor to differentiate with respect to. A variable stands for its
// reference or handle: all reads of it count.
struct GradientTarget {
  Output output;

  GradientTarget(Output o) : output(o) {}
  GradientTarget(const Variable& variable)
      : output(variable ? variable.handle() : Output()) {}
};

// {x, weights}, or a vector of Outputs or Variables.
class GradientTargets {
 public:
  GradientTargets(std::initializer_list<GradientTarget> targets) {
    for (const GradientTarget& t : targets) outputs_.push_back(t.output);
  }
  template <typename T>
  requires std::convertible_to<const T&, GradientTarget> GradientTargets(
      const std::vector<T>& targets) {
    for (const T& t : targets) outputs_.push_back(GradientTarget(t).output);
  }

  const std::vector<Output>& outputs() const { return outputs_; }

 private:
  std::vector<Output> outputs_;
};

// The gradient that reaches a y from outside: ones unless it is given.
class GivenGradient {
 public:
  GivenGradient() = default;  // ones
  template <typename T>
  requires std::convertible_to<T, Input> GivenGradient(T value)
      : dense_(Input(std::move(value))) {}
  GivenGradient(std::initializer_list<Input> value) : dense_(Input(value)) {}
  GivenGradient(IndexedSlices slices) : slices_(slices) {}

  const Input* dense() const { return dense_ ? &*dense_ : nullptr; }
  const IndexedSlices* slices() const { return slices_ ? &*slices_ : nullptr; }

 private:
  std::optional<Input> dense_;
  std::optional<IndexedSlices> slices_;
};

// How several gradients of one tensor become one (R6.13, R6.14).
enum class Aggregation : uint8_t {
  kAddN,         // one AddN
  kTree,         // AddN of two and two: less memory, more nodes
  kAccumulateN,  // one AccumulateNV2 where the shape is known, else kTree
};

// What a tensor that no y depends on gets (R6.8).
enum class Unconnected : uint8_t { kNone, kZero };

struct GradientOptions {
  // Empty, or one for each y.
  std::vector<GivenGradient> grad_ys = {};
  // Taken as constants (R6.9).
  std::vector<Output> stop_gradients = {};
  Unconnected unconnected = Unconnected::kNone;
  // Place the nodes of a gradient with the node they differentiate (R6.29).
  bool colocate_with_ops = false;
  // Let none of a node's gradients be used before all are computed.
  bool gate = false;
  Aggregation aggregation = Aggregation::kAddN;
  // Of the name scope.
  std::string name = "gradients";
};

// The gradients of the sum of `ys` with respect to each of `xs`, in their
// order; none where no y depends on it through floating-point or complex
// tensors, unless options.unconnected says otherwise.
//
// Errors; nodes added until then stay:
//   InvalidArgument     ys, xs or stop_gradients hold no tensor or one of
//                       another graph; numbers of ys and grad_ys differ; a y
//                       whose gradient must be given is complex or no number
//                       and has none, or has one of another kind (R6.25); a
//                       gradient's shape or type contradicts its tensor's
//                       (R6.27)
//   Unimplemented       a gradient reaches a node whose op is unknown to the
//                       graph's registry, or a loop; the message names node, op
//                       and the path from a y
//   what a gradient function returns, with the node and its path
//   the graph's status, if that is an error or becomes one
// An op that is declared not differentiable passes nothing back; that is no
// error.
absl::StatusOr<std::vector<Gradient>> AddGradients(
    const Scope& scope, const InputList& ys, const GradientTargets& xs,
    const GradientOptions& options = {},
    SourceLocation location = std::source_location::current());

}  // namespace trellis

#endif  // TRELLIS_GRAPH_GRADIENTS_H_
