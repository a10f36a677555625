#include "trellis/runtime/compile/order.h"

#include <algorithm>
#include <queue>
#include <tuple>
#include <utility>

#include "trellis/base/check.h"

namespace trellis {
namespace {

class Orderer {
 public:
  Orderer(const Graph& graph, const VariableTable& variables,
          const std::vector<int>& rank)
      : graph_(graph),
        variables_(variables),
        rank_(rank),
        pending_(graph.id_limit()),
        successors_(graph.id_limit()),
        ready_reads_(variables.variables.size()),
        waiting_writes_(variables.variables.size()) {}

  std::vector<Node*> Run() {
    const std::vector<Node*> nodes = graph_.nodes();
    for (Node* node : nodes) AddEdges(node);
    ChainWrites(nodes);
    for (Node* node : nodes) {
      if (pending_[node->id()] == 0) MakeReady(node);
    }
    std::vector<Node*> order;
    order.reserve(nodes.size());
    while (order.size() < nodes.size()) {
      Node* node = TakeNext();
      order.push_back(node);
      CountReads(node, -1);
      for (int next : successors_[node->id()]) {
        if (--pending_[next] == 0) MakeReady(graph_.node(next));
      }
    }
    return order;
  }

 private:
  // Lower comes first: (can it block, rank, id).
  using Key = std::tuple<bool, int, int>;

  void AddEdge(int from, int to) {
    successors_[from].push_back(to);
    ++pending_[to];
  }

  void AddEdges(Node* node) {
    for (Output input : node->inputs()) AddEdge(input.node->id(), node->id());
    for (Node* control : node->control_inputs()) {
      AddEdge(control->id(), node->id());
    }
  }

  // Ids are topological, so edges from lower to higher ids make no cycle.
  void ChainWrites(const std::vector<Node*>& nodes) {
    std::vector<Node*> last(variables_.variables.size());
    for (Node* node : nodes) {
      for (const VariableUse& use : variables_.uses[node->id()]) {
        if (!Writes(use.effect)) continue;
        Node*& previous = last[use.variable];
        if (previous != nullptr && previous != node) {
          AddEdge(previous->id(), node->id());
        }
        previous = node;
      }
    }
  }

  void MakeReady(Node* node) {
    CountReads(node, 1);
    Enqueue(node);
  }

  void Enqueue(Node* node) {
    ready_.emplace(node->schema()->blocks, rank_[node->id()], node->id());
  }

  Node* TakeNext() {
    while (!ready_.empty()) {
      Node* node = graph_.node(std::get<2>(ready_.top()));
      ready_.pop();
      if (!MustWaitForReads(node)) return node;
    }
    // Writes that wait for each other's reads: the lowest goes first.
    std::vector<Node*>* list = nullptr;
    for (std::vector<Node*>& waiting : waiting_writes_) {
      if (waiting.empty()) continue;
      std::iter_swap(waiting.rbegin(),
                     std::max_element(
                         waiting.rbegin(), waiting.rend(),
                         [&](Node* a, Node* b) { return Rank(b) < Rank(a); }));
      if (list == nullptr || Rank(waiting.back()) < Rank(list->back())) {
        list = &waiting;
      }
    }
    TRELLIS_CHECK(list != nullptr) << "a Program has a cycle";
    Node* node = list->back();
    list->pop_back();
    return node;
  }

  std::pair<int, int> Rank(Node* node) const {
    return {rank_[node->id()], node->id()};
  }

  // Does the node read the variable and leave it as it is?
  bool OnlyReads(const Node* node, int variable) const {
    bool reads = false;
    for (const VariableUse& use : variables_.uses[node->id()]) {
      if (use.variable != variable) continue;
      if (Writes(use.effect)) return false;
      reads = reads || Reads(use.effect);
    }
    return reads;
  }

  void CountReads(Node* node, int delta) {
    for (const VariableUse& use : variables_.uses[node->id()]) {
      if (use.effect != Effect::kRead || !OnlyReads(node, use.variable)) {
        continue;
      }
      ready_reads_[use.variable] += delta;
      if (ready_reads_[use.variable] == 0) {
        for (Node* write : waiting_writes_[use.variable]) Enqueue(write);
        waiting_writes_[use.variable].clear();
      }
    }
  }

  // Sets the node aside until the ready reads of what it writes are done.
  bool MustWaitForReads(Node* node) {
    for (const VariableUse& use : variables_.uses[node->id()]) {
      if (Writes(use.effect) && ready_reads_[use.variable] > 0) {
        waiting_writes_[use.variable].push_back(node);
        return true;
      }
    }
    return false;
  }

  const Graph& graph_;
  const VariableTable& variables_;
  const std::vector<int>& rank_;
  std::vector<int> pending_;  // inputs not yet ordered, by node id
  std::vector<std::vector<int>> successors_;
  std::priority_queue<Key, std::vector<Key>, std::greater<Key>> ready_;
  std::vector<int> ready_reads_;  // by variable
  std::vector<std::vector<Node*>> waiting_writes_;
};

}  // namespace

std::vector<Node*> Order(const Graph& graph, const VariableTable& variables,
                         const std::vector<int>& rank) {
  return Orderer(graph, variables, rank).Run();
}

}  // namespace trellis
