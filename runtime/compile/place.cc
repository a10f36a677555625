#include "trellis/runtime/compile/place.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/log.h"
#include "trellis/base/status_macros.h"
#include "trellis/runtime/compile/internal_ops.h"
#include "trellis/runtime/compile/placement_devices.h"
#include "trellis/runtime/compile/placement_groups.h"

namespace trellis {
namespace {

using absl::InvalidArgumentError;
using absl::StrCat;

// R5.12.
bool IsGenerator(const Node& node) {
  return node.num_inputs() == 0 && node.num_outputs() == 1 &&
         !IsRef(node.output_dtype(0));
}

// That the caller wants to have a value does not say where it is used.
bool IsRequestOfTheCaller(const Node& node) {
  return node.op() == kFetchOp || node.op() == kTargetOp;
}

// A device to prefer, and why.
struct Preference {
  int device = -1;
  const char* why = "";
};

class Placer {
 public:
  Placer(const Graph& graph, const DeviceSet& device_set,
         const PlacementDevices& devices, const KernelRegistry& kernels,
         const PlacementOptions& options)
      : graph_(graph),
        device_set_(device_set),
        devices_(devices),
        kernels_(kernels),
        options_(options),
        groups_(graph, device_set, devices, kernels, options) {}

  absl::StatusOr<Placement> Run() {
    TRELLIS_RETURN_IF_ERROR(groups_.Build());
    result_.device.assign(graph_.id_limit(), -1);
    result_.why.resize(graph_.id_limit());
    const std::vector<Node*> nodes = graph_.nodes();
    for (const Node* node : nodes) {
      if (IsGenerator(*node)) continue;
      TRELLIS_RETURN_IF_ERROR(PlaceNode(*node, DeviceOfInput(*node)));
    }
    for (const Node* node : nodes) {
      if (!IsGenerator(*node)) continue;
      TRELLIS_RETURN_IF_ERROR(PlaceNode(*node, DeviceOfConsumers(*node)));
    }
    return std::move(result_);
  }

 private:
  Preference DeviceOfInput(const Node& node) const {
    if (!node.schema()->metadata || !node.input(0)) return {};
    return {result_.device[node.input(0).node->id()], "with its input"};
  }

  // R5.13.
  Preference DeviceOfConsumers(const Node& node) const {
    Preference common = {.why = "with its consumers"};
    for (const Node::Consumer& consumer : node.consumers()) {
      if (IsRequestOfTheCaller(*consumer.node)) continue;
      const int device = result_.device[consumer.node->id()];
      if (device < 0 || (common.device >= 0 && common.device != device)) {
        return {};
      }
      common.device = device;
    }
    return common;
  }

  absl::Status PlaceNode(const Node& node, const Preference& preferred) {
    PlacementGroup& group = groups_.group(node.id());
    const bool chosen_before = group.device >= 0;
    if (!chosen_before) {
      const std::vector<int> candidates = Candidates(group);
      if (candidates.empty()) return NoDevice(node, group);
      const bool met = std::find(candidates.begin(), candidates.end(),
                                 preferred.device) != candidates.end();
      group.device = met ? preferred.device : candidates[0];
    }
    result_.device[node.id()] = group.device;
    result_.why[node.id()] =
        Why(node, group, chosen_before ? Preference() : preferred);
    return absl::OkStatus();
  }

  // Devices for the group, best first; indices in the DeviceSet.
  std::vector<int> Candidates(PlacementGroup& group) const {
    if (group.assigned >= 0) {
      std::vector<int> only = Matching(DeviceName(), group.types);
      std::erase_if(only, [&](int d) { return d != group.assigned; });
      return only;
    }
    std::vector<int> found = Matching(*group.requested, group.types);
    if (!found.empty() || !options_.allow_soft_placement) return found;
    // R5.16.
    group.softened = true;
    DeviceName request = *group.requested;
    request.type = group.resource->type;
    request.index = group.resource->index;
    found = Matching(request, group.types);
    if (!found.empty() || !group.resource->type.has_value()) return found;
    request.type.reset();
    request.index.reset();
    found = Matching(request, group.types);
    if (!found.empty()) {
      TRELLIS_LOG(Warning) << graph_.node(group.variable)->DebugName()
                           << " asks for " << group.resource->ToString()
                           << " and is placed on "
                           << device_set_.device(found[0]).name();
    }
    return found;
  }

  std::vector<int> Matching(const DeviceName& name, TypeSet types) const {
    std::vector<int> matching = devices_.Matching(name, types);
    for (int& entry : matching) entry = devices_.entries[entry].device;
    return matching;
  }

  std::string Why(const Node& node, const PlacementGroup& group,
                  const Preference& preferred) const {
    if (group.assigned >= 0) {
      return absl::StartsWith(node.op(), "_") ? "host" : "already placed";
    }
    const bool asks = !groups_.request(node).empty();
    if (group.softened) return asks ? "asked for another" : "with its group";
    if (group.variable >= 0 && group.variable != node.id()) {
      return StrCat("with variable ", graph_.node(group.variable)->name());
    }
    if (asks) return "asked for";
    if (group.first != node.id()) {
      return StrCat("with ", graph_.node(group.first)->name());
    }
    if (group.size > 1) return "with its group";
    if (preferred.device == group.device) return preferred.why;
    const bool one_type = (group.types & (group.types - 1)) == 0;
    return one_type && devices_.types.size() > 1 ? "only kernel"
                                                 : "first choice";
  }

  // R5.15.
  absl::Status NoDevice(const Node& node, const PlacementGroup& group) {
    const DeviceName& own = groups_.request(node);
    const std::string prefix =
        StrCat("cannot assign a device for operation ", node.DebugName(), ": ");
    if (group.assigned >= 0) {
      return InvalidArgumentError(StrCat(
          prefix, "its group is on ", device_set_.device(group.assigned).name(),
          ", which has no kernel for ", groups_.DescribeKernels(node), ".\n",
          groups_.Describe(node.id())));
    }
    const TypeSet all = devices_.all_types();
    const bool own_exists = !devices_.Matching(own, all).empty();
    if (!own_exists) {
      return InvalidArgumentError(StrCat(
          prefix, "no device matches the requested ", own.ToString(),
          ". Available devices: ", devices_.DeviceNames(), ".", GpuHint(own)));
    }
    if (devices_.Matching(*group.requested, all).empty()) {
      return InvalidArgumentError(
          StrCat(prefix, own.empty() ? "it asks for no device" : own.ToString(),
                 ", but nodes that must be on the same device ask for ",
                 group.requested->ToString(), ". Available devices: ",
                 devices_.DeviceNames(), ".\n", groups_.Describe(node.id())));
    }
    return InvalidArgumentError(
        StrCat(prefix, "the requested ", group.requested->ToString(),
               " has no kernel for ", groups_.DescribeKernels(node), ".\n",
               groups_.Describe(node.id())));
  }

  std::string GpuHint(const DeviceName& request) const {
    if (request.type != kGpu) return "";
    const std::string why = device_set_.WhyNone(kGpu);
    if (!why.empty()) return StrCat(" There is no GPU: ", why, ".");
    for (const KernelEntry* entry : kernels_.entries()) {
      if (entry->device_type == kGpu) return " This machine has no such GPU.";
    }
    return " This program was built without GPU support.";
  }

  const Graph& graph_;
  const DeviceSet& device_set_;
  const PlacementDevices& devices_;
  const KernelRegistry& kernels_;
  const PlacementOptions& options_;
  PlacementGroups groups_;
  Placement result_;
};

}  // namespace

absl::StatusOr<Placement> Place(const Graph& graph, const DeviceSet& devices,
                                const KernelRegistry& kernels,
                                const PlacementOptions& options) {
  TRELLIS_ASSIGN_OR_RETURN(const PlacementDevices sorted,
                           PlacementDevices::Make(devices));
  return Placer(graph, devices, sorted, kernels, options).Run();
}

std::string PlacementLog(const Graph& graph, const DeviceSet& devices,
                         const Placement& placement) {
  std::string log;
  for (const Node* node : graph.nodes()) {
    if (absl::StartsWith(node->op(), "_")) continue;
    absl::StrAppend(&log, node->name(), ": (", node->op(),
                    "): ", devices.device(placement.device[node->id()]).name(),
                    "\n");
  }
  return log;
}

}  // namespace trellis
