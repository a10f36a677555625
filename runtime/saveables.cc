#include "trellis/runtime/saveables.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/collections.h"
#include "trellis/graph/nearest_names.h"
#include "trellis/graph/variable.h"
#include "trellis/graph/variable_store.h"
#include "trellis/runtime/compile/variables.h"

namespace trellis {
namespace {

// Every dimension with its start and length, as TensorFlow writes it.
Saveable::Part PartOf(const PartitionInfo& partition, const Shape& shape) {
  Saveable::Part part = {.full_shape = partition.full_shape};
  for (int i = 0; i < shape.rank(); ++i) {
    part.slice.extents.push_back({partition.offset[i], shape.dim(i)});
  }
  return part;
}

class SaveableFinder {
 public:
  SaveableFinder(Graph& graph, const VariableSelection& selection)
      : graph_(graph), selection_(selection) {}

  absl::StatusOr<std::vector<Saveable>> Run() {
    std::lock_guard lock(graph_.mutex());
    CollectVariables();
    for (const Node* node : graph_.nodes()) {
      if (auto state = StateOf(*node); state.has_value()) Add(*node, *state);
    }
    TRELLIS_RETURN_IF_ERROR(CheckSelected());
    std::stable_sort(
        found_.begin(), found_.end(),
        [](const Saveable& a, const Saveable& b) { return a.name < b.name; });
    TRELLIS_RETURN_IF_ERROR(CheckNames());
    return std::move(found_);
  }

 private:
  // What the graph knows of the variables beyond their nodes.
  void CollectVariables() {
    for (const Variable& v : AllVariables(graph_)) {
      infos_[v.handle().node] = v.info();
    }
    for (const Variable& v : LocalVariables(graph_)) {
      local_.insert(v.handle().node);
    }
    for (const Variable& v : GlobalVariables(graph_)) {
      local_.erase(v.handle().node);
    }
    if (selection_.only.has_value()) {
      only_.insert(selection_.only->begin(), selection_.only->end());
    }
  }

  void Add(const Node& node, ProgramVariable& state) {
    Saveable saveable = {.name = state.key,
                         .variable = node.name(),
                         .key = state.key,
                         .dtype = state.dtype,
                         .shape = state.shape};
    if (node.schema()->random) {
      if (selection_.only.has_value()) return;
      saveable.is_counter = true;
      found_.push_back(std::move(saveable));
      return;
    }
    saveable.name = node.name();
    const auto info = infos_.find(&node);
    if (info != infos_.end() && !info->second->full_name.empty()) {
      saveable.name = info->second->full_name;
      saveable.part = PartOf(info->second->partition, info->second->shape);
    }
    names_.insert({saveable.name, saveable.variable});
    if (!IsSelected(node, saveable) || !keys_.insert(state.key).second) return;
    for (const std::string& name : {saveable.name, saveable.variable}) {
      const auto renamed = selection_.renamed.find(name);
      if (renamed == selection_.renamed.end()) continue;
      saveable.name = renamed->second;
      break;
    }
    found_.push_back(std::move(saveable));
  }

  bool IsSelected(const Node& node, const Saveable& saveable) const {
    if (!selection_.only.has_value()) return !local_.contains(&node);
    return only_.contains(saveable.name) || only_.contains(saveable.variable);
  }

  absl::Status CheckSelected() const {
    const auto check = [this](const std::string& name) {
      if (names_.contains(name)) return absl::OkStatus();
      std::vector<absl::string_view> names(names_.begin(), names_.end());
      std::sort(names.begin(), names.end());
      return absl::NotFoundError(absl::StrCat(
          "the graph has no variable \"", name, "\"", DidYouMean(name, names)));
    };
    for (const std::string& name : only_) TRELLIS_RETURN_IF_ERROR(check(name));
    for (const auto& [name, renamed] : selection_.renamed) {
      TRELLIS_RETURN_IF_ERROR(check(name));
    }
    return absl::OkStatus();
  }

  absl::Status CheckNames() const {
    for (size_t i = 1; i < found_.size(); ++i) {
      const Saveable& a = found_[i - 1];
      const Saveable& b = found_[i];
      if (a.name != b.name || (a.part.has_value() && b.part.has_value())) {
        continue;
      }
      return absl::InvalidArgumentError(
          absl::StrCat("the variables ", a.variable, " and ", b.variable,
                       " have one name in the checkpoint, \"", a.name, "\""));
    }
    return absl::OkStatus();
  }

  Graph& graph_;
  const VariableSelection& selection_;
  absl::flat_hash_map<const Node*, const VariableInfo*> infos_;
  absl::flat_hash_set<const Node*> local_;
  absl::flat_hash_set<std::string> only_;
  absl::flat_hash_set<std::string> names_;  // of all variables
  absl::flat_hash_set<std::string> keys_;   // of found_
  std::vector<Saveable> found_;
};

}  // namespace

absl::StatusOr<std::vector<Saveable>> FindSaveables(
    Graph& graph, const VariableSelection& selection) {
  return SaveableFinder(graph, selection).Run();
}

}  // namespace trellis
