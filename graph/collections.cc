#include "trellis/graph/collections.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"

namespace trellis {
namespace {

struct Collections {
  // In order of first use; there are few.
  std::vector<std::pair<std::string, std::vector<CollectionItem>>> lists;

  std::vector<CollectionItem>* Find(absl::string_view key) {
    for (auto& [k, items] : lists) {
      if (k == key) return &items;
    }
    return nullptr;
  }
  std::vector<CollectionItem>& Get(absl::string_view key) {
    std::vector<CollectionItem>* found = Find(key);
    if (found != nullptr) return *found;
    return lists.emplace_back(std::string(key), std::vector<CollectionItem>())
        .second;
  }
};

absl::Status CheckOpen(Graph& graph, absl::string_view key) {
  if (!graph.finalized()) return absl::OkStatus();
  absl::Status error = absl::FailedPreconditionError(absl::StrCat(
      "collection \"", key, "\" cannot change: the graph is finalized"));
  graph.AddError(error);
  return error;
}

struct NameVisitor {
  std::string operator()(const Variable& v) const { return v.name(); }
  std::string operator()(const Output& o) const { return o.name(); }
  std::string operator()(Node* n) const { return n->name(); }
  template <typename T>
  std::string operator()(const T&) const {
    return "";
  }
};

std::vector<Variable> Variables(Graph& graph, absl::string_view key,
                                Name scope) {
  return VariablesOf(scope.empty() ? GetCollection(graph, key)
                                   : GetCollection(graph, key, scope));
}

}  // namespace

std::string NameOf(const CollectionItem& item) {
  return std::visit(NameVisitor(), item);
}

absl::Status AddToCollection(Graph& graph, Name key, CollectionItem item) {
  std::lock_guard lock(graph.mutex());
  TRELLIS_RETURN_IF_ERROR(CheckOpen(graph, key));
  graph.Attached<Collections>().Get(key).push_back(std::move(item));
  return absl::OkStatus();
}

absl::Status AddToCollections(Graph& graph, absl::Span<const std::string> keys,
                              const CollectionItem& item) {
  for (size_t i = 0; i < keys.size(); ++i) {
    const auto end = keys.begin() + i;
    if (std::find(keys.begin(), end, keys[i]) != end) continue;
    TRELLIS_RETURN_IF_ERROR(AddToCollection(graph, keys[i], item));
  }
  return absl::OkStatus();
}

void EnsureCollection(Graph& graph, Name key) {
  std::lock_guard lock(graph.mutex());
  graph.Attached<Collections>().Get(key);
}

absl::Status ClearCollection(Graph& graph, Name key) {
  std::lock_guard lock(graph.mutex());
  TRELLIS_RETURN_IF_ERROR(CheckOpen(graph, key));
  auto& lists = graph.Attached<Collections>().lists;
  lists.erase(std::remove_if(
                  lists.begin(), lists.end(),
                  [&](const auto& list) { return list.first == key.view(); }),
              lists.end());
  return absl::OkStatus();
}

std::vector<CollectionItem> GetCollection(Graph& graph, Name key) {
  std::lock_guard lock(graph.mutex());
  const std::vector<CollectionItem>* items =
      graph.Attached<Collections>().Find(key);
  return items == nullptr ? std::vector<CollectionItem>() : *items;
}

std::vector<CollectionItem> GetCollection(Graph& graph, Name key, Name scope) {
  std::vector<CollectionItem> items = GetCollection(graph, key);
  items.erase(std::remove_if(items.begin(), items.end(),
                             [&](const CollectionItem& item) {
                               const std::string name = NameOf(item);
                               return name.empty() ||
                                      !absl::StartsWith(name, scope.view());
                             }),
              items.end());
  return items;
}

std::vector<std::string> CollectionKeys(Graph& graph) {
  std::lock_guard lock(graph.mutex());
  std::vector<std::string> keys;
  for (const auto& [key, items] : graph.Attached<Collections>().lists) {
    keys.push_back(key);
  }
  return keys;
}

std::vector<Variable> VariablesOf(absl::Span<const CollectionItem> items) {
  std::vector<Variable> variables;
  for (const CollectionItem& item : items) {
    const Variable* v = std::get_if<Variable>(&item);
    if (v != nullptr) variables.push_back(*v);
  }
  return variables;
}

std::vector<Output> OutputsOf(absl::Span<const CollectionItem> items) {
  std::vector<Output> outputs;
  for (const CollectionItem& item : items) {
    const Output* o = std::get_if<Output>(&item);
    if (o != nullptr) outputs.push_back(*o);
  }
  return outputs;
}

std::vector<Node*> NodesOf(absl::Span<const CollectionItem> items) {
  std::vector<Node*> nodes;
  for (const CollectionItem& item : items) {
    if (Node* const* n = std::get_if<Node*>(&item)) nodes.push_back(*n);
    if (const Output* o = std::get_if<Output>(&item)) nodes.push_back(o->node);
  }
  return nodes;
}

std::vector<Variable> GlobalVariables(Graph& graph, Name scope) {
  return Variables(graph, kGlobalVariables, scope);
}
std::vector<Variable> TrainableVariables(Graph& graph, Name scope) {
  return Variables(graph, kTrainableVariables, scope);
}
std::vector<Variable> LocalVariables(Graph& graph, Name scope) {
  return Variables(graph, kLocalVariables, scope);
}

}  // namespace trellis
