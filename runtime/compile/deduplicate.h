// Common subexpressions: of nodes that compute the same, one stays.
#ifndef TRELLIS_RUNTIME_COMPILE_DEDUPLICATE_H_
#define TRELLIS_RUNTIME_COMPILE_DEDUPLICATE_H_

#include "absl/status/statusor.h"
#include "trellis/graph/graph.h"

namespace trellis {

// Merges nodes of the same op, attributes (names that begin with "_" aside),
// inputs, control inputs and device. Commutative ops match with their two
// inputs swapped. Never merges what is stateful, refers to a variable or reads
// one: what is read depends on when. True if anything was merged.
absl::StatusOr<bool> Deduplicate(Graph& graph);

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_COMPILE_DEDUPLICATE_H_
