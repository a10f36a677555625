// What this build lacks to run a graph.
#ifndef TRELLIS_TOOLS_TRELLIS_MISSING_SUPPORT_H_
#define TRELLIS_TOOLS_TRELLIS_MISSING_SUPPORT_H_

#include <cstdint>
#include <map>
#include <string>

#include "trellis/graph/graph.h"
#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {

struct MissingSupport {
  // Nodes by op that the graph's registry does not know.
  std::map<std::string, int64_t> unknown_ops;
  // Nodes by "Op (types)" that are known and have no kernel for the CPU.
  std::map<std::string, int64_t> missing_kernels;

  bool empty() const { return unknown_ops.empty() && missing_kernels.empty(); }
};

MissingSupport FindMissingSupport(const Graph& graph,
                                  const KernelRegistry& kernels);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_MISSING_SUPPORT_H_
