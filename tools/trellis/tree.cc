// trellis tree: the scopes of a graph.
#include <algorithm>
#include <map>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/tools/trellis/commands.h"
#include "trellis/tools/trellis/json_writer.h"
#include "trellis/tools/trellis/open_model.h"
#include "trellis/tools/trellis/parameters.h"
#include "trellis/tools/trellis/saturating.h"
#include "trellis/tools/trellis/table.h"

namespace trellis {
namespace {

// Deeper scopes are counted where this ends: names may have thousands of parts.
constexpr int64_t kMaxDepth = 64;

struct ScopeTree {
  int64_t nodes = 0;  // those of inner scopes included
  int64_t parameters = 0;
  std::map<std::string, std::unique_ptr<ScopeTree>, std::less<>> children;
};

// Every scope on the way to `name`, below `root`, at most `depth` of them.
template <typename Visit>
void ForEachScope(ScopeTree& root, absl::string_view name, int64_t depth,
                  const Visit& visit) {
  ScopeTree* scope = &root;
  visit(*scope);
  for (size_t slash = name.find('/'); slash != name.npos && depth > 0;
       slash = name.find('/'), --depth) {
    auto& child = scope->children[std::string(name.substr(0, slash))];
    if (child == nullptr) child = std::make_unique<ScopeTree>();
    scope = child.get();
    visit(*scope);
    name.remove_prefix(slash + 1);
  }
}

// The part of `name` below the scope `prefix` ("a/b/" or ""), if it is there.
bool Below(absl::string_view prefix, absl::string_view* name) {
  if (!absl::StartsWith(*name, prefix)) return false;
  name->remove_prefix(prefix.size());
  return true;
}

void WriteScope(absl::string_view name, const ScopeTree& scope,
                JsonWriter& json) {
  json.BeginObject();
  json.Field("name", name);
  json.Field("nodes", scope.nodes);
  json.Field("parameters", scope.parameters);
  json.Key("scopes").BeginArray();
  for (const auto& [child_name, child] : scope.children) {
    WriteScope(child_name, *child, json);
  }
  json.EndArray();
  json.EndObject();
}

void AddRows(absl::string_view name, const ScopeTree& scope, int indent,
             Table& table) {
  table.AddRow({absl::StrCat(std::string(2 * indent, ' '), name, "/"),
                absl::StrCat(scope.nodes), "nodes",
                scope.parameters == 0
                    ? ""
                    : absl::StrCat(scope.parameters, " parameters")});
  for (const auto& [child_name, child] : scope.children) {
    AddRows(child_name, *child, indent + 1, table);
  }
}

absl::StatusOr<Answer> RunTree(const Flags& flags, std::ostream& out) {
  TRELLIS_ASSIGN_OR_RETURN(int64_t depth, flags.IntOr("depth", 3));
  depth = std::min(depth, kMaxDepth);
  TRELLIS_ASSIGN_OR_RETURN(const Model model, OpenModel(flags));
  TRELLIS_ASSIGN_OR_RETURN(const auto parameters, ParametersOf(model.meta));
  std::string prefix = flags.Get("scope");
  if (!prefix.empty() && prefix.back() != '/') prefix += '/';

  ScopeTree root;
  for (const Node* node : model.meta.graph->nodes()) {
    absl::string_view name = node->name();
    if (!Below(prefix, &name)) continue;
    ForEachScope(root, name, depth, [](ScopeTree& scope) { ++scope.nodes; });
  }
  if (root.nodes == 0 && !prefix.empty()) {
    return absl::NotFoundError(
        absl::StrCat("the graph has no scope \"", prefix, "\""));
  }
  for (const Parameter& parameter : parameters) {
    absl::string_view name = parameter.name;
    if (!Below(prefix, &name)) continue;
    ForEachScope(root, name, depth, [&](ScopeTree& scope) {
      scope.parameters = SaturatingAdd(scope.parameters, parameter.elements());
    });
  }
  const std::string title =
      prefix.empty() ? "" : prefix.substr(0, prefix.size() - 1);
  if (WantsJson(flags)) {
    JsonWriter json;
    WriteScope(title, root, json);
    out << json.text() << "\n";
  } else {
    Table table;
    AddRows(title, root, 0, table);
    out << table.ToString();
  }
  return Answer::kYes;
}

}  // namespace

Command TreeCommand() {
  return {.name = "tree",
          .arguments = "FILE",
          .summary = "the tree of scopes, with nodes and parameters",
          .details = "",
          .flags = {TagFlag(),
                    {"depth", "N", "levels of scopes; 3 if not given"},
                    {"scope", "NAME", "only what is in this scope"}},
          .run = RunTree};
}

}  // namespace trellis
