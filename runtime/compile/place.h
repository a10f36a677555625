// Placement: a device for each node of a Program.
#ifndef TRELLIS_RUNTIME_COMPILE_PLACE_H_
#define TRELLIS_RUNTIME_COMPILE_PLACE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "trellis/graph/graph.h"
#include "trellis/runtime/device.h"
#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {

struct PlacementOptions {
  // Where a request cannot be met, take another device (R5.16).
  bool allow_soft_placement = false;
};

struct Placement {
  // By node id: index into the session's devices; -1 where no node is.
  std::vector<int> device;
  // By node id: why, in a few words ("asked for", "follows variable w", "only
  // kernel", "follows its consumers").
  std::vector<std::string> why;
};

// Rules R5.1 - R5.19 over the nodes of `graph`. Nodes that make no kernel step
// (variables, views, _Feed, _Fetch, _Target) are placed too: a _Feed and a
// _Fetch are on the host (device 0), a variable where its users' group may run.
// InvalidArgument as R5.15 says, with node, request, available devices and
// registered kernels.
absl::StatusOr<Placement> Place(const Graph& graph, const DeviceSet& devices,
                                const KernelRegistry& kernels,
                                const PlacementOptions& options);

// R5.22: one line per node, "name: (Op): device", in order of ids.
std::string PlacementLog(const Graph& graph, const DeviceSet& devices,
                         const Placement& placement);

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_COMPILE_PLACE_H_
