// After placement: a _Copy node wherever a value crosses from one device's
// memory to another's.
#ifndef TRELLIS_RUNTIME_COMPILE_INSERT_COPIES_H_
#define TRELLIS_RUNTIME_COMPILE_INSERT_COPIES_H_

#include <vector>

#include "absl/status/status.h"
#include "trellis/graph/graph.h"
#include "trellis/runtime/compile/place.h"
#include "trellis/runtime/device.h"
#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {

// The device in whose memory output `o` is: its node's, or the host where the
// kernel says so.
int MemoryOf(Output o, const Placement& placement, const DeviceSet& devices,
             const KernelRegistry& kernels);

// One copy per tensor and destination, shared by the consumers there. Operands
// that a kernel wants in host memory may be on any host device. Between two
// asynchronous devices the way leads through the host. References and handles
// are never copied: their users are placed with the variable. Places what it
// adds; a copy's entry in `rank` (by node id) is that of its producer.
absl::Status InsertCopies(Graph& graph, const DeviceSet& devices,
                          const KernelRegistry& kernels, Placement* placement,
                          std::vector<int>* rank);

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_COMPILE_INSERT_COPIES_H_
