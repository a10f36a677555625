// Constant folding: a node whose inputs are all constants becomes constants.
#ifndef TRELLIS_RUNTIME_COMPILE_FOLD_CONSTANTS_H_
#define TRELLIS_RUNTIME_COMPILE_FOLD_CONSTANTS_H_

#include "absl/status/statusor.h"
#include "trellis/graph/graph.h"
#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {

// Replaces pure nodes by Const nodes of the same value, computed by the CPU
// kernels; shapes that are known count as values (Shape of a known shape). What
// has no CPU kernel, fails, or would grow to a large tensor stays as it is, for
// the run to report. Control inputs of a replaced node stay on its constants.
// True if anything was replaced.
absl::StatusOr<bool> FoldConstants(Graph& graph, const KernelRegistry& kernels);

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_COMPILE_FOLD_CONSTANTS_H_
