// Which nodes have to be on one device, and what is asked of it: the constraint
// groups of placement (R5.4 - R5.10).
#ifndef TRELLIS_RUNTIME_COMPILE_PLACEMENT_GROUPS_H_
#define TRELLIS_RUNTIME_COMPILE_PLACEMENT_GROUPS_H_

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/graph.h"
#include "trellis/runtime/compile/place.h"
#include "trellis/runtime/compile/placement_devices.h"
#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {

struct PlacementGroup {
  // What every member can run on.
  TypeSet types = 0;
  // What the members ask for together.
  const DeviceName* requested = nullptr;
  // What its variables ask for, which nobody else's request overrides (R5.8).
  const DeviceName* resource = nullptr;
  // Index in the DeviceSet: fixed before placement began; -1.
  int assigned = -1;
  // Index in the DeviceSet: chosen for the group (R5.14); -1.
  int device = -1;
  // `device` is not what was requested (R5.16).
  bool softened = false;
  int size = 1;
  // Lowest node id of the members, and of those that are variables (R5.8; -1).
  int first = 0;
  int variable = -1;
};

class PlacementGroups {
 public:
  // The arguments outlive the groups.
  PlacementGroups(const Graph& graph, const DeviceSet& device_set,
                  const PlacementDevices& devices,
                  const KernelRegistry& kernels,
                  const PlacementOptions& options);

  // Groups all nodes. InvalidArgument if a node has no kernel (R5.2), if a
  // request cannot be read (R5.3), or if nodes that must be together cannot be
  // (R5.6 - R5.10).
  absl::Status Build();

  PlacementGroup& group(int node_id) { return groups_[Root(node_id)]; }
  // What the node itself asks for.
  const DeviceName& request(const Node& node) const;

  // The group for people (R5.20): what it asks for, its ops with the device
  // types they support, its members.
  std::string Describe(int node_id);
  // "Neg {T=float32}; kernels of this op: CPU float32, CPU float64".
  std::string DescribeKernels(const Node& node) const;

 private:
  absl::Status AddNode(const Node& node);
  absl::StatusOr<const DeviceName*> Request(const Node& node);
  TypeSet SupportedTypes(const Node& node) const;
  absl::Status MergeReferenceEdges(const Node& node);
  absl::Status MergeAcrossReference(const Node& from, const Node& to);
  absl::Status MergeClasses(const Node& node);
  absl::Status MergeIntoClass(const Node& node, absl::string_view name);
  absl::Status Merge(int a, int b);
  int Root(int node_id);
  const DeviceName* Keep(DeviceName name);

  const Graph& graph_;
  const DeviceSet& device_set_;
  const PlacementDevices& devices_;
  const KernelRegistry& kernels_;
  const PlacementOptions& options_;

  std::vector<int> parent_;             // by node id
  std::vector<PlacementGroup> groups_;  // by node id; of roots
  // Most nodes ask for what others ask for, or for nothing: groups point here.
  std::deque<DeviceName> names_;
  const DeviceName* const nothing_;
  absl::flat_hash_map<absl::string_view, const DeviceName*> requests_;
  // The first member of each `loc:@` group.
  absl::flat_hash_map<absl::string_view, int> classes_;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_COMPILE_PLACEMENT_GROUPS_H_
