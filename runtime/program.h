// A Program: one signature's graph, pruned, rewritten, placed and ordered.
// Shapes are not in it: a Plan is a Program for given shapes.
#ifndef TRELLIS_RUNTIME_PROGRAM_H_
#define TRELLIS_RUNTIME_PROGRAM_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/op_schema.h"
#include "trellis/runtime/compile/place.h"
#include "trellis/runtime/compile/prune.h"
#include "trellis/runtime/compile/variables.h"
#include "trellis/runtime/device.h"
#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {

struct CompileOptions {
  // Fold constants, merge duplicates, reuse buffers in place.
  bool optimize = true;
  // Decide shapes and offsets once per plan; off: every step is dynamic.
  bool plan = true;
  PlacementOptions placement;
};

// Immutable once made. The registries and devices outlive it.
struct Program {
  std::unique_ptr<Graph> graph;
  const KernelRegistry* kernels = nullptr;
  const DeviceSet* devices = nullptr;
  CompileOptions options;
  Placement placement;
  VariableTable variables;
  std::vector<Node*> order;
  // By index of the signature.
  std::vector<Node*> feeds;
  std::vector<Node*> fetches;
};

// `ops` knows the graph's ops and the internal ones, and outlives the program.
// Holds the graph's lock only while it copies what the signature needs.
absl::StatusOr<std::unique_ptr<Program>> Compile(const Graph& graph,
                                                 const RunSignature& signature,
                                                 const OpRegistry& ops,
                                                 const KernelRegistry& kernels,
                                                 const DeviceSet& devices,
                                                 const CompileOptions& options);

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_PROGRAM_H_
