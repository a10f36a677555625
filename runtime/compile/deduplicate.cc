#include "trellis/runtime/compile/deduplicate.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/strings/match.h"
#include "trellis/base/status_macros.h"

namespace trellis {
namespace {

// Constants above this size are not worth comparing bit by bit.
constexpr int64_t kMaxConstantElements = 1024;

bool CanMerge(const Node& node) {
  const OpSchema* schema = node.schema();
  if (schema == nullptr || schema->stateful || schema->random ||
      schema->variable || schema->must_be_fed || node.num_outputs() == 0) {
    return false;
  }
  for (const Output& input : node.inputs()) {
    if (!input || IsRef(input.dtype()) || input.dtype() == kResource) {
      return false;
    }
  }
  for (int i = 0; i < node.num_outputs(); ++i) {
    if (IsRef(node.output_dtype(i)) || node.output_dtype(i) == kResource) {
      return false;
    }
    if (node.num_inputs() == 0 &&
        node.output_shape(i).num_elements() > kMaxConstantElements) {
      return false;
    }
  }
  return true;
}

// Tells most values apart that differ: all but long ones. Of a tensor the
// beginning is enough.
size_t HashOf(const AttrValue& value) {
  if (const Tensor* t = value.tensor()) {
    constexpr size_t kBytes = 64;
    absl::string_view begin;
    if (t->dtype() != kString) {
      begin = absl::string_view(static_cast<const char*>(t->data()),
                                std::min(kBytes, t->bytes()));
    }
    return absl::HashOf(t->dtype(), t->shape(), begin);
  }
  if (const DType* type = value.type()) return absl::HashOf(*type);
  if (const int64_t* i = value.i()) return absl::HashOf(*i);
  if (const bool* b = value.b()) return absl::HashOf(*b);
  if (const std::string* text = value.s()) return absl::HashOf(*text);
  return 0;
}

struct Key {
  std::string op;
  std::string device;
  std::vector<Output> inputs;
  std::vector<Node*> controls;
  AttrMap attrs;

  bool operator==(const Key&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const Key& k) {
    for (const auto& [name, value] : k.attrs) {
      h = H::combine(std::move(h), name, HashOf(value));
    }
    return H::combine(std::move(h), k.op, k.device, k.inputs, k.controls);
  }
};

Key KeyOf(const Node& node) {
  Key key{.op = node.op(), .device = node.device()};
  key.inputs.assign(node.inputs().begin(), node.inputs().end());
  if (node.schema()->commutative && key.inputs.size() == 2) {
    const auto rank = [](Output o) { return std::pair(o.node->id(), o.index); };
    if (rank(key.inputs[1]) < rank(key.inputs[0])) {
      std::swap(key.inputs[0], key.inputs[1]);
    }
  }
  key.controls.assign(node.control_inputs().begin(),
                      node.control_inputs().end());
  std::sort(key.controls.begin(), key.controls.end(),
            [](Node* a, Node* b) { return a->id() < b->id(); });
  for (const auto& attr : node.attrs()) {
    if (!absl::StartsWith(attr.first, "_")) key.attrs.push_back(attr);
  }
  return key;
}

}  // namespace

absl::StatusOr<bool> Deduplicate(Graph& graph) {
  bool changed = false;
  absl::flat_hash_map<Key, Node*> seen;
  // Ids are a topological order, so inputs are merged before their users.
  for (Node* node : graph.nodes()) {
    if (!CanMerge(*node)) continue;
    auto [it, inserted] = seen.try_emplace(KeyOf(*node), node);
    if (inserted) continue;
    Node* kept = it->second;
    for (int i = 0; i < node->num_outputs(); ++i) {
      TRELLIS_RETURN_IF_ERROR(
          graph.ReplaceUses(node->output(i), kept->output(i)));
    }
    TRELLIS_RETURN_IF_ERROR(graph.ReplaceControlUses(node, kept));
    TRELLIS_RETURN_IF_ERROR(graph.RemoveNode(node));
    changed = true;
  }
  return changed;
}

}  // namespace trellis
