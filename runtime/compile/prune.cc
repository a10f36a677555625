#include "trellis/runtime/compile/prune.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/runtime/compile/internal_ops.h"

namespace trellis {
namespace {

class Pruner {
 public:
  Pruner(const Graph& graph, const RunSignature& signature, Graph* copy)
      : graph_(graph), signature_(signature), copy_(*copy) {}

  absl::Status Run() {
    TRELLIS_RETURN_IF_ERROR(AddFeeds());
    MarkNeeded();
    for (int id = 0; id < graph_.id_limit(); ++id) {
      if (needed_[id]) TRELLIS_RETURN_IF_ERROR(CopyNode(*graph_.node(id)));
    }
    TRELLIS_RETURN_IF_ERROR(AddFetches());
    return AddTargets();
  }

 private:
  absl::Status AddFeeds() {
    for (size_t i = 0; i < signature_.feeds.size(); ++i) {
      const Output feed = signature_.feeds[i];
      TRELLIS_ASSIGN_OR_RETURN(
          Node * node,
          copy_.TryAddNode({.name = FreeName(absl::StrCat(
                                feed.node->name(), "/_feed_", feed.index)),
                            .op = std::string(kFeedOp),
                            .attrs = {{"dtype", BaseType(feed.dtype())},
                                      {"shape", feed.shape()},
                                      {"index", static_cast<int64_t>(i)}},
                            .location = feed.node->location()}));
      values_[feed] = node->output();
    }
    return absl::OkStatus();
  }

  bool IsFed(Output output) const { return values_.contains(output); }

  // A placeholder of which every output is fed does not run: control edges from
  // it are edges from the feed (R4.18).
  bool IsReplacedByFeed(const Node& node) const {
    return node.num_inputs() == 0 && node.num_outputs() == 1 &&
           IsFed({const_cast<Node*>(&node), 0});
  }

  void Need(Node* node) {
    if (needed_[node->id()]) return;
    needed_[node->id()] = true;
    stack_.push_back(node);
  }

  void MarkNeeded() {
    needed_.assign(graph_.id_limit(), false);
    for (Output fetch : signature_.fetches) {
      if (!IsFed(fetch)) Need(fetch.node);
    }
    for (Node* target : signature_.targets) {
      if (!IsReplacedByFeed(*target)) Need(target);
    }
    while (!stack_.empty()) {
      Node* node = stack_.back();
      stack_.pop_back();
      for (Output input : node->inputs()) {
        if (input && !IsFed(input)) Need(input.node);
      }
      for (Node* control : node->control_inputs()) {
        if (!IsReplacedByFeed(*control)) Need(control);
      }
    }
  }

  absl::Status CopyNode(const Node& node) {
    if (node.schema() == nullptr) {
      return absl::UnimplementedError(absl::StrCat(
          node.DebugName(), ": this program does not know the operation ",
          node.op(), ", which the run needs; link and register it"));
    }
    if (node.schema()->must_be_fed) {
      return absl::InvalidArgumentError(absl::StrCat(
          node.DebugName(), ": the run needs a value for this ",
          DTypeName(node.output_dtype(0)), node.output_shape(0).ToString(),
          " placeholder; feed it"));
    }
    NodeSpec spec = {.name = node.name(),
                     .op = node.op(),
                     .attrs = node.attrs(),
                     .device = node.device(),
                     .location = node.location()};
    // Not fed, so it is its default. Its own shape function leaves room for
    // whatever could have been fed.
    if (node.op() == "PlaceholderWithDefault" &&
        copy_.ops().Find("Identity") != nullptr) {
      spec.op = "Identity";
      spec.attrs = {{"T", node.output_dtype(0)}};
    }
    for (Output input : node.inputs()) {
      if (!input || !values_.contains(input)) {
        return absl::UnimplementedError(
            absl::StrCat(node.DebugName(), ": loops are not compiled; input ",
                         spec.inputs.size(), " closes one"));
      }
      spec.inputs.push_back(values_[input]);
    }
    for (Node* control : node.control_inputs()) {
      spec.control_inputs.push_back(IsReplacedByFeed(*control)
                                        ? values_[{control, 0}].node
                                        : nodes_[control]);
    }
    TRELLIS_ASSIGN_OR_RETURN(Node * copied, copy_.TryAddNode(std::move(spec)));
    nodes_[&node] = copied;
    for (int i = 0; i < node.num_outputs(); ++i) {
      // What a graph knows of a shape beyond its shape function (set by import
      // or by the user) is not lost.
      const absl::StatusOr<Shape> merged =
          MergeShapes(copied->output_shape(i), node.output_shape(i));
      if (merged.ok()) {
        TRELLIS_RETURN_IF_ERROR(
            copy_.SetOutputShape(copied->output(i), *merged));
      }
      // A fed output keeps its _Feed.
      values_.try_emplace(Output{const_cast<Node*>(&node), i},
                          copied->output(i));
    }
    return absl::OkStatus();
  }

  absl::Status AddFetches() {
    for (size_t i = 0; i < signature_.fetches.size(); ++i) {
      const Output fetch = signature_.fetches[i];
      if (BaseType(fetch.dtype()) == kResource) {
        return absl::InvalidArgumentError(
            absl::StrCat(fetch.name(),
                         " is the handle of a resource and has no value to "
                         "fetch; fetch what reads it"));
      }
      TRELLIS_RETURN_IF_ERROR(
          copy_
              .TryAddNode({.name = FreeName(
                               absl::StrCat(fetch.node->name(), "/_fetch_", i)),
                           .op = std::string(kFetchOp),
                           .inputs = {values_[fetch]},
                           .attrs = {{"index", static_cast<int64_t>(i)}},
                           .location = fetch.node->location()})
              .status());
    }
    return absl::OkStatus();
  }

  absl::Status AddTargets() {
    NodeSpec spec = {.name = FreeName("_target"), .op = std::string(kTargetOp)};
    for (Node* target : signature_.targets) {
      if (!IsReplacedByFeed(*target)) {
        spec.control_inputs.push_back(nodes_[target]);
      }
    }
    return copy_.TryAddNode(std::move(spec)).status();
  }

  // Names of internal nodes only have to differ from those of the user.
  std::string FreeName(std::string name) const {
    std::string valid = absl::StrCat("trellis/", name);
    while (graph_.FindNode(valid) != nullptr ||
           copy_.FindNode(valid) != nullptr) {
      valid += "_";
    }
    return valid;
  }

  const Graph& graph_;
  const RunSignature& signature_;
  Graph& copy_;
  std::vector<bool> needed_;
  std::vector<Node*> stack_;
  absl::flat_hash_map<Output, Output> values_;     // user's -> copy's
  absl::flat_hash_map<const Node*, Node*> nodes_;  // user's -> copy's
};

}  // namespace

absl::StatusOr<std::unique_ptr<Graph>> Prune(const Graph& graph,
                                             const RunSignature& signature,
                                             const OpRegistry& ops) {
  auto copy = std::make_unique<Graph>(ops, graph.options());
  TRELLIS_RETURN_IF_ERROR(Pruner(graph, signature, copy.get()).Run());
  return copy;
}

}  // namespace trellis
