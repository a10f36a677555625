#include "trellis/graph/graph_def_order.h"

#include <algorithm>
#include <functional>
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

absl::StatusOr<GraphDefIndex> GraphDefIndex::Make(const proto::GraphDef& def) {
  GraphDefIndex index(def);
  TRELLIS_RETURN_IF_ERROR(index.AddNames());
  TRELLIS_RETURN_IF_ERROR(index.AddInputs());
  return index;
}

absl::Status GraphDefIndex::AddNames() {
  by_name_.reserve(def_->node_size());
  for (int i = 0; i < def_->node_size(); ++i) {
    const std::string& name = def_->node(i).name();
    if (!IsValidFileName(name)) {
      return InvalidArgumentError(
          StrCat("node ", i, " has the name ", Quoted(name),
                 "; a name must match [A-Za-z0-9.][A-Za-z0-9_.\\-/]*"));
    }
    if (def_->node(i).op().empty()) {
      return InvalidArgumentError(StrCat(name, ": the node has no op"));
    }
    if (!by_name_.emplace(name, i).second) {
      return InvalidArgumentError(
          StrCat(name, ": two nodes of the file have this name"));
    }
  }
  return absl::OkStatus();
}

absl::Status GraphDefIndex::AddInputs() {
  first_input_.reserve(def_->node_size() + 1);
  for (const proto::NodeDef& node : def_->node()) {
    first_input_.push_back(inputs_.size());
    bool control_seen = false;
    for (const std::string& input : node.input()) {
      const absl::StatusOr<InputName> name = ParseInputName(input);
      if (!name.ok()) {
        return InvalidArgumentError(StrCat(node.name(), " (", node.op(),
                                           "): ", name.status().message()));
      }
      const int producer = Find(name->node);
      if (producer < 0) {
        return InvalidArgumentError(StrCat(
            node.name(), " (", node.op(), "): there is no node for input ",
            Quoted(input), DidYouMean(name->node)));
      }
      const bool control = name->port == InputRef::kControlPort;
      if (control_seen && !control) {
        return InvalidArgumentError(StrCat(node.name(), " (", node.op(),
                                           "): input ", Quoted(input),
                                           " comes after a control input"));
      }
      control_seen = control;
      inputs_.push_back({producer, name->port});
    }
  }
  first_input_.push_back(inputs_.size());
  return absl::OkStatus();
}

int GraphDefIndex::Find(absl::string_view name) const {
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? -1 : it->second;
}

std::string GraphDefIndex::DidYouMean(absl::string_view name) const {
  std::vector<absl::string_view> names;
  names.reserve(def_->node_size());
  for (const proto::NodeDef& node : def_->node()) names.push_back(node.name());
  return trellis::DidYouMean(name, names);
}

bool GraphDefIndex::ClosesLoop(int node, const InputRef& input) const {
  if (input.port == InputRef::kControlPort) return false;
  const std::string& op = def_->node(node).op();
  if (op != "Merge" && op != "RefMerge") return false;
  const std::string& from = def_->node(input.node).op();
  return from == "NextIteration" || from == "RefNextIteration";
}

absl::StatusOr<std::vector<int>> GraphDefIndex::Order() const {
  const int n = def_->node_size();
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
  std::vector<bool> seen(def_->node_size());
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
  std::string names = def_->node(path.back()).name();
  for (size_t i = 0; i < std::min(path.size(), kMaxListed); ++i) {
    absl::StrAppend(&names, " -> ", def_->node(path[i]).name());
  }
  if (path.size() > kMaxListed) {
    absl::StrAppend(&names, " -> ... (", path.size(), " nodes)");
  }
  return InvalidArgumentError(
      StrCat("the graph has a cycle without NextIteration: ", names));
}

}  // namespace trellis
