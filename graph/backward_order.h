// Which nodes a gradient flows through, and in what order they are visited: the
// traversal of TensorFlow's gradients (R6.2, R6.4 - R6.7).
#ifndef TRELLIS_GRAPH_BACKWARD_ORDER_H_
#define TRELLIS_GRAPH_BACKWARD_ORDER_H_

#include <deque>
#include <vector>

#include "absl/types/span.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/graph.h"

namespace trellis {

// Can a tensor of this type have a gradient? References count as their base.
bool IsTrainable(DType dtype);
// Does it let gradients through? Trainable types and bfloat16.
bool IsBackpropagatable(DType dtype);

// Visits the nodes between xs and ys, each after all nodes between that consume
// it. The graph may grow meanwhile; new nodes take no part. Tables are indexed
// by node id.
class BackwardOrder {
 public:
  BackwardOrder(const Graph& graph, absl::Span<const Output> ys,
                absl::Span<const Output> xs,
                absl::Span<const Output> stop_gradients);

  // The next node; nullptr when all are done, or only loops are left.
  // The one before is done then.
  Node* Next();

  // Takes its gradient, and passes none on.
  bool IsStop(const Node& node) const { return stop_[node.id()]; }
  bool IsBetween(const Node& node) const { return between_[node.id()]; }
  // A node between that Next has not given: after its end, one of a loop.
  // nullptr if there is none.
  Node* Unvisited() const;

 private:
  void MarkReached(absl::Span<const Output> xs);
  void MarkBetween(absl::Span<const Output> ys);
  void MarkStops(absl::Span<const Output> xs,
                 absl::Span<const Output> stop_gradients);
  void Finish(const Node& node);

  std::vector<bool> reached_;
  std::vector<bool> between_;
  std::vector<bool> stop_;
  std::vector<bool> visited_;
  // Edges into nodes between that were not visited yet.
  std::vector<int> pending_;
  std::vector<Node*> nodes_;  // between, backwards from ys
  std::deque<Node*> ready_;
  Node* current_ = nullptr;
};

}  // namespace trellis

#endif  // TRELLIS_GRAPH_BACKWARD_ORDER_H_
