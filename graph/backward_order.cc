#include "trellis/graph/backward_order.h"

namespace trellis {

bool IsTrainable(DType dtype) {
  constexpr DTypeSet kTrainable = {kHalf,       kFloat32,  kFloat64, kComplex64,
                                   kComplex128, kResource, kVariant};
  return kTrainable.contains(BaseType(dtype));
}

bool IsBackpropagatable(DType dtype) {
  return IsTrainable(dtype) || BaseType(dtype) == kBfloat16;
}

BackwardOrder::BackwardOrder(const Graph& graph, absl::Span<const Output> ys,
                             absl::Span<const Output> xs,
                             absl::Span<const Output> stop_gradients)
    : reached_(graph.id_limit()),
      between_(graph.id_limit()),
      stop_(graph.id_limit()),
      visited_(graph.id_limit()),
      pending_(graph.id_limit()) {
  MarkReached(xs);
  MarkBetween(ys);
  MarkStops(xs, stop_gradients);
  std::vector<bool> queued(graph.id_limit());
  for (Output y : ys) {
    const int id = y.node->id();
    if (!between_[id] || pending_[id] != 0 || queued[id]) continue;
    queued[id] = true;
    ready_.push_back(y.node);
  }
}

void BackwardOrder::MarkReached(absl::Span<const Output> xs) {
  std::vector<Node*> found;
  for (Output x : xs) found.push_back(x.node);
  while (!found.empty()) {
    Node* node = found.back();
    found.pop_back();
    if (reached_[node->id()]) continue;
    reached_[node->id()] = true;
    for (const Node::Consumer& use : node->consumers()) {
      if (use.input == Node::kControl) continue;
      if (!IsBackpropagatable(node->output_dtype(use.output))) continue;
      if (!reached_[use.node->id()]) found.push_back(use.node);
    }
  }
}

void BackwardOrder::MarkBetween(absl::Span<const Output> ys) {
  std::deque<Node*> queue;
  for (Output y : ys) queue.push_back(y.node);
  while (!queue.empty()) {
    Node* node = queue.front();
    queue.pop_front();
    if (!reached_[node->id()] || between_[node->id()]) continue;
    between_[node->id()] = true;
    nodes_.push_back(node);
    for (Output input : node->inputs()) {
      if (input) queue.push_back(input.node);
    }
  }
  for (Node* node : nodes_) {
    for (Output input : node->inputs()) {
      if (input && between_[input.node->id()]) ++pending_[input.node->id()];
    }
  }
}

// R6.7: an x stops the flow unless it depends on another one.
void BackwardOrder::MarkStops(absl::Span<const Output> xs,
                              absl::Span<const Output> stop_gradients) {
  for (Output x : xs) {
    bool depends = false;
    for (Output input : x.node->inputs()) {
      depends = depends || (input && pending_[input.node->id()] > 0);
    }
    if (!depends) stop_[x.node->id()] = true;
  }
  for (Output stop : stop_gradients) stop_[stop.node->id()] = true;
}

void BackwardOrder::Finish(const Node& node) {
  visited_[node.id()] = true;
  for (Output input : node.inputs()) {
    if (!input || !between_[input.node->id()]) continue;
    if (--pending_[input.node->id()] == 0) ready_.push_back(input.node);
  }
}

Node* BackwardOrder::Next() {
  if (current_ != nullptr) Finish(*current_);
  current_ = nullptr;
  if (ready_.empty()) return nullptr;
  current_ = ready_.front();
  ready_.pop_front();
  return current_;
}

Node* BackwardOrder::Unvisited() const {
  for (Node* node : nodes_) {
    if (!visited_[node->id()]) return node;
  }
  return nullptr;
}

}  // namespace trellis
