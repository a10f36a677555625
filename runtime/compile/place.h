// Placement: a device for each node of a Program.
#ifndef TRELLIS_RUNTIME_COMPILE_PLACE_H_
#define TRELLIS_RUNTIME_COMPILE_PLACE_H_

#include <functional>
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
  // The device (index into the session's) of a node that has its place and
  // keeps it, as a variable does that an earlier signature placed (R5.21); -1
  // for the others. Empty: there are none.
  std::function<int(const Node& node)> assigned = nullptr;
};

struct Placement {
  // By node id: index into the session's devices; -1 where no node is.
  std::vector<int> device;
  // By node id: why, in a few words ("asked for", "with variable w", "only
  // kernel", "with its consumers").
  std::vector<std::string> why;
};

// Rules R5.1 - R5.19 over the nodes of `graph`. Nodes that make no kernel step
// (variables, constants, views, nodes that are there for their control edges,
// _Feed, _Fetch, _Target) are placed too: the last three on the host (device
// 0), the others on any device whose memory holds their dtype (strings: the
// host's) and on which the rest of their group may run.
//
// InvalidArgument as R5.15 says, with node, request, available devices and
// registered kernels; also for a request that does not parse (R5.3) and an
// op without kernels (R5.2). FailedPrecondition if there are no devices.
absl::StatusOr<Placement> Place(const Graph& graph, const DeviceSet& devices,
                                const KernelRegistry& kernels,
                                const PlacementOptions& options);

// R5.22: a line per node of the user's, "name: (Op): device", in order of ids.
std::string PlacementLog(const Graph& graph, const DeviceSet& devices,
                         const Placement& placement);

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_COMPILE_PLACE_H_
