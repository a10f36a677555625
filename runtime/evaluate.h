// Runs one node on host tensors: constant folding, with the same kernels and
// the same preparation as every step.
#ifndef TRELLIS_RUNTIME_EVALUATE_H_
#define TRELLIS_RUNTIME_EVALUATE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/tensor.h"
#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {

// Is the node's result a function of its inputs' values alone, and has it one?
bool IsPure(const Node& node);

// The outputs of a pure node for these inputs. Unimplemented if there is no CPU
// kernel; else the errors of shape function and kernel.
absl::StatusOr<std::vector<Tensor>> Evaluate(const Node& node,
                                             absl::Span<const Tensor> inputs,
                                             const KernelRegistry& kernels);

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_EVALUATE_H_
