#include "trellis/runtime/program.h"

#include <mutex>
#include <numeric>

#include "trellis/base/status_macros.h"
#include "trellis/runtime/compile/deduplicate.h"
#include "trellis/runtime/compile/fold_constants.h"
#include "trellis/runtime/compile/insert_copies.h"
#include "trellis/runtime/compile/internal_ops.h"
#include "trellis/runtime/compile/order.h"

namespace trellis {

absl::StatusOr<std::unique_ptr<Program>> Compile(
    const Graph& graph, const RunSignature& signature, const OpRegistry& ops,
    const KernelRegistry& kernels, const DeviceSet& devices,
    const CompileOptions& options) {
  auto program = std::make_unique<Program>();
  program->kernels = &kernels;
  program->devices = &devices;
  program->options = options;
  {
    // Others may add nodes, but not while these are copied.
    std::lock_guard lock(graph.mutex());
    TRELLIS_ASSIGN_OR_RETURN(program->graph, Prune(graph, signature, ops));
  }
  Graph& copy = *program->graph;
  if (options.optimize) {
    TRELLIS_RETURN_IF_ERROR(FoldConstants(copy, kernels).status());
    TRELLIS_RETURN_IF_ERROR(Deduplicate(copy).status());
  }
  TRELLIS_ASSIGN_OR_RETURN(program->placement,
                           Place(copy, devices, kernels, options.placement));
  std::vector<int> rank(copy.id_limit());
  std::iota(rank.begin(), rank.end(), 0);
  TRELLIS_RETURN_IF_ERROR(
      InsertCopies(copy, devices, kernels, &program->placement, &rank));
  TRELLIS_ASSIGN_OR_RETURN(program->variables, FindVariables(copy));
  for (ProgramVariable& variable : program->variables.variables) {
    variable.original = graph.FindNode(variable.node->name());
  }
  program->order = Order(copy, program->variables, rank);

  program->feeds.resize(signature.feeds.size());
  program->fetches.resize(signature.fetches.size());
  for (Node* node : program->order) {
    if (node->op() == kFeedOp) {
      program->feeds[node->attr<int64_t>("index")] = node;
    } else if (node->op() == kFetchOp) {
      program->fetches[node->attr<int64_t>("index")] = node;
    }
  }
  return program;
}

}  // namespace trellis
