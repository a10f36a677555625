#include "trellis/runtime/compile/insert_copies.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/runtime/compile/internal_ops.h"
#include "trellis/runtime/prepared_node.h"

namespace trellis {
namespace {

// Stands for "any host device".
constexpr int kAnyHost = -1;

class Inserter {
 public:
  Inserter(Graph& graph, const DeviceSet& devices,
           const KernelRegistry& kernels, Placement* placement,
           std::vector<int>* rank)
      : graph_(graph),
        devices_(devices),
        kernels_(kernels),
        placement_(*placement),
        rank_(*rank) {}

  absl::Status Run() {
    // Copies made on the way have their edges right already.
    for (Node* node : graph_.nodes()) {
      const std::vector<int> wanted = WantedMemory(*node);
      for (int i = 0; i < node->num_inputs(); ++i) {
        const Output input = node->input(i);
        if (input.dtype() == kResource || TakesReference(*node, i)) continue;
        TRELLIS_ASSIGN_OR_RETURN(const Output there, Bring(input, wanted[i]));
        if (there == input) continue;
        TRELLIS_RETURN_IF_ERROR(graph_.SetInput(node, i, there));
      }
    }
    return absl::OkStatus();
  }

 private:
  bool IsHost(int device) const { return devices_.device(device).is_host(); }

  static bool TakesReference(const Node& node, int input) {
    const std::vector<ArgSchema>& args = node.schema()->inputs;
    for (size_t a = 0; a < args.size(); ++a) {
      const auto [first, last] = node.InputRange(static_cast<int>(a));
      if (first <= input && input < last) return args[a].is_ref;
    }
    return false;
  }

  // By input: where the node wants it.
  std::vector<int> WantedMemory(const Node& node) const {
    const int device = placement_.device[node.id()];
    std::vector<int> wanted(node.num_inputs(), device);
    if (node.op() == kFetchOp) {
      std::fill(wanted.begin(), wanted.end(), kAnyHost);
      return wanted;
    }
    const KernelEntry* entry =
        kernels_.Find(node, devices_.device(device).type());
    if (entry == nullptr) return wanted;
    for (const std::vector<int>* args :
         {&entry->options.host_inputs, &entry->options.value_inputs}) {
      const std::vector<bool> mask = InputMask(node, *args);
      for (size_t i = 0; i < mask.size(); ++i) {
        if (mask[i]) wanted[i] = kAnyHost;
      }
    }
    return wanted;
  }

  absl::StatusOr<Output> Bring(Output value, int wanted) {
    const int from = MemoryOf(value, placement_, devices_, kernels_);
    if (wanted == from || (wanted == kAnyHost && IsHost(from))) return value;
    const int to = wanted == kAnyHost ? 0 : wanted;
    if (!IsHost(from) && !IsHost(to)) {
      TRELLIS_ASSIGN_OR_RETURN(value, Bring(value, 0));
    }
    Output& copy = copies_[{value, to}];
    if (copy) return copy;
    const std::string name =
        absl::StrCat(value.node->name(), "/_copy_", value.index, "_to_", to);
    TRELLIS_ASSIGN_OR_RETURN(
        Node * node, graph_.TryAddNode({.name = name,
                                        .op = std::string(kCopyOp),
                                        .inputs = {value},
                                        .location = value.node->location()}));
    placement_.device.resize(graph_.id_limit(), -1);
    placement_.why.resize(graph_.id_limit());
    placement_.device[node->id()] = to;
    placement_.why[node->id()] = "brings the value to its consumers";
    rank_.resize(graph_.id_limit());
    rank_[node->id()] = rank_[value.node->id()];
    return copy = node->output();
  }

  Graph& graph_;
  const DeviceSet& devices_;
  const KernelRegistry& kernels_;
  Placement& placement_;
  std::vector<int>& rank_;
  absl::flat_hash_map<std::pair<Output, int>, Output> copies_;
};

}  // namespace

int MemoryOf(Output o, const Placement& placement, const DeviceSet& devices,
             const KernelRegistry& kernels) {
  const int device = placement.device[o.node->id()];
  if (devices.device(device).is_host()) return device;
  const KernelEntry* entry =
      kernels.Find(*o.node, devices.device(device).type());
  if (entry != nullptr) {
    for (int arg : entry->options.host_outputs) {
      const auto [first, last] = o.node->OutputRange(arg);
      if (first <= o.index && o.index < last) return 0;
    }
  }
  return device;
}

absl::Status InsertCopies(Graph& graph, const DeviceSet& devices,
                          const KernelRegistry& kernels, Placement* placement,
                          std::vector<int>* rank) {
  return Inserter(graph, devices, kernels, placement, rank).Run();
}

}  // namespace trellis
