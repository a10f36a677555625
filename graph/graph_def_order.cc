#include "trellis/graph/graph_def_order.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/nearest_names.h"

namespace trellis {
namespace {

using absl::InvalidArgumentError;
using absl::StrCat;

// How many names of a cycle an error lists.
constexpr size_t kMaxListed = 10;

// A name as errors quote it: one line, and not a page.
std::string Quoted(absl::string_view name) {
  constexpr size_t kMaxQuoted = 200;
  return StrCat("\"", absl::CHexEscape(name.substr(0, kMaxQuoted)),
                name.size() > kMaxQuoted ? "...\"" : "\"");
}

// R1.7, and a leading underscore, which runtimes give to nodes of their own.
bool IsValidFileName(absl::string_view name) {
  constexpr size_t kMaxLength = 1 << 20;
  if (name.empty() || name.size() > kMaxLength) return false;
  if (name[0] == '-' || name[0] == '/' || name[0] == '\\') return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-' ||
           c == '/' || c == '\\';
  });
}

}  // namespace

absl::StatusOr<InputName> ParseInputName(absl::string_view input) {
  absl::string_view node = input;
  const bool control = absl::ConsumePrefix(&node, "^");
  size_t end = node.size();
  while (end > 0 && absl::ascii_isdigit(node[end - 1])) --end;
  int port = 0;
  if (end > 0 && end < node.size() && node[end - 1] == ':') {
    if (control) {
      return InvalidArgumentError(
          StrCat("control input ", Quoted(input), " names an output"));
    }
    if (!absl::SimpleAtoi(node.substr(end), &port)) {
      return InvalidArgumentError(
          StrCat("input ", Quoted(input), " has no possible output number"));
    }
    node = node.substr(0, end - 1);
  }
  if (node.empty()) {
    return InvalidArgumentError(
        StrCat("input ", Quoted(input), " names no node"));
  }
  return InputName{node, control ? InputRef::kControlPort : port};
}

absl::StatusOr<GraphDefIndex> GraphDefIndex::Make(
    absl::Span<const absl::string_view> nodes) {
  GraphDefIndex index;
  index.heads_.reserve(nodes.size());
  index.by_name_.reserve(nodes.size());
  index.inputs_.reserve(nodes.size());
  index.first_input_.reserve(nodes.size() + 1);
  // One node ahead, whose place in the table is on its way meanwhile.
  FileNode next, node;
  if (!nodes.empty()) next.Read(nodes[0]);
  for (size_t i = 0; i < nodes.size(); ++i) {
    std::swap(node, next);
    if (i + 1 < nodes.size()) {
      next.Read(nodes[i + 1]);
      index.by_name_.prefetch(next.head.name);
    }
    TRELLIS_RETURN_IF_ERROR(index.Add(node));
  }
  index.first_input_.push_back(index.inputs_.size());
  TRELLIS_RETURN_IF_ERROR(index.ConnectForward());
  return index;
}

absl::Status GraphDefIndex::At(int node, const absl::Status& status) const {
  return absl::Status(status.code(), StrCat(name(node), " (", op(node),
                                            "): ", status.message()));
}

void GraphDefIndex::FileNode::Read(absl::string_view bytes) {
  read = ReadNodeHead(bytes, &head, &inputs);
}

absl::Status GraphDefIndex::Add(const FileNode& node) {
  const int id = num_nodes();
  const NodeHead& head = heads_.emplace_back(node.head);
  if (!IsValidFileName(head.name)) {
    return InvalidArgumentError(
        StrCat("node ", id, " has the name ", Quoted(head.name),
               "; a name must match [A-Za-z0-9.][A-Za-z0-9_.\\-/]*"));
  }
  if (!node.read.ok()) return At(id, node.read);
  if (head.op.empty()) {
    return InvalidArgumentError(StrCat(head.name, ": the node has no op"));
  }
  if (!std::all_of(head.op.begin(), head.op.end(), absl::ascii_isgraph)) {
    return InvalidArgumentError(StrCat(head.name, ": the node has the op ",
                                       Quoted(head.op), ", which is no name"));
  }
  if (!by_name_.emplace(head.name, id).second) {
    return InvalidArgumentError(
        StrCat(head.name, ": two nodes of the file have this name"));
  }
  first_input_.push_back(inputs_.size());
  bool control_seen = false;
  for (absl::string_view input : node.inputs) {
    const absl::StatusOr<InputName> name = ParseInputName(input);
    if (!name.ok()) return At(id, name.status());
    const bool control = name->port == InputRef::kControlPort;
    if (control_seen && !control) {
      return At(id, InvalidArgumentError(StrCat("input ", Quoted(input),
                                                " comes after a control "
                                                "input")));
    }
    control_seen = control;
    const int from = Find(name->node);
    if (from < 0 || from == id) {
      forward_.push_back({id, inputs_.size(), *name});
    }
    inputs_.push_back({from, name->port});
  }
  return absl::OkStatus();
}

absl::Status GraphDefIndex::ConnectForward() {
  for (const Forward& forward : forward_) {
    const int from = Find(forward.name.node);
    if (from < 0) {
      return At(forward.node,
                InvalidArgumentError(StrCat("there is no node for input ",
                                            Quoted(forward.name.node),
                                            DidYouMean(forward.name.node))));
    }
    inputs_[forward.input].node = from;
  }
  return absl::OkStatus();
}

int GraphDefIndex::Find(absl::string_view name) const {
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? -1 : it->second;
}

std::string GraphDefIndex::DidYouMean(absl::string_view name) const {
  std::vector<absl::string_view> names;
  names.reserve(heads_.size());
  for (const NodeHead& head : heads_) names.push_back(head.name);
  return trellis::DidYouMean(name, names);
}

bool GraphDefIndex::ClosesLoop(int node, const InputRef& input) const {
  if (input.port == InputRef::kControlPort) return false;
  if (op(node) != "Merge" && op(node) != "RefMerge") return false;
  const absl::string_view from = op(input.node);
  return from == "NextIteration" || from == "RefNextIteration";
}

absl::StatusOr<std::vector<int>> GraphDefIndex::Order() const {
  const int n = num_nodes();
  if (forward_.empty()) {
    std::vector<int> order(n);
    std::iota(order.begin(), order.end(), 0);
    return order;
  }
  std::vector<int> waits_for(n, 0);
  // Consumers of each node, as one array.
  std::vector<size_t> end(n + 1, 0);
  for (const InputRef& input : inputs_) ++end[input.node + 1];
  for (int i = 0; i < n; ++i) end[i + 1] += end[i];
  std::vector<size_t> next(end.begin(), end.end() - 1);
  std::vector<int> consumers(inputs_.size());
  for (int i = 0; i < n; ++i) {
    for (const InputRef& input : inputs(i)) {
      if (ClosesLoop(i, input)) continue;
      ++waits_for[i];
      consumers[next[input.node]++] = i;
    }
  }
  std::priority_queue<int, std::vector<int>, std::greater<int>> ready;
  for (int i = 0; i < n; ++i) {
    if (waits_for[i] == 0) ready.push(i);
  }
  std::vector<int> order;
  order.reserve(n);
  while (!ready.empty()) {
    const int node = ready.top();
    ready.pop();
    order.push_back(node);
    for (size_t c = end[node]; c < next[node]; ++c) {
      if (--waits_for[consumers[c]] == 0) ready.push(consumers[c]);
    }
  }
  if (order.size() < static_cast<size_t>(n)) return CycleError(waits_for);
  return order;
}

absl::Status GraphDefIndex::CycleError(
    const std::vector<int>& waits_for) const {
  // Whoever waits has an input that waits; going back leads into the cycle.
  int node =
      static_cast<int>(std::find_if(waits_for.begin(), waits_for.end(),
                                    [](int waits) { return waits > 0; }) -
                       waits_for.begin());
  std::vector<int> path;
  std::vector<bool> seen(heads_.size());
  while (!seen[node]) {
    seen[node] = true;
    path.push_back(node);
    for (const InputRef& input : inputs(node)) {
      if (waits_for[input.node] > 0 && !ClosesLoop(node, input)) {
        node = input.node;
        break;
      }
    }
  }
  path.erase(path.begin(), std::find(path.begin(), path.end(), node));
  std::reverse(path.begin(), path.end());
  std::string names(name(path.back()));
  for (size_t i = 0; i < std::min(path.size(), kMaxListed); ++i) {
    absl::StrAppend(&names, " -> ", name(path[i]));
  }
  if (path.size() > kMaxListed) {
    absl::StrAppend(&names, " -> ... (", path.size(), " nodes)");
  }
  return InvalidArgumentError(
      StrCat("the graph has a cycle without NextIteration: ", names));
}

}  // namespace trellis
