// Several gradients of one tensor become one.
#ifndef TRELLIS_GRAPH_SUM_GRADIENTS_H_
#define TRELLIS_GRAPH_SUM_GRADIENTS_H_

#include "absl/types/span.h"
#include "trellis/graph/gradients.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/indexed_slices.h"
#include "trellis/graph/scope.h"

namespace trellis {

// The sum of `terms`, the gradients of an output of `node`; none of none, the
// term itself if it is the only one. All slices give slices, which hold the
// rows of all of them; with a dense term among them all become dense (R6.15).
// Dense terms are added as `aggregation` says.
Gradient SumGradients(const Scope& scope, const Node& node,
                      absl::Span<const Gradient> terms, Aggregation aggregation,
                      SourceLocation location);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_SUM_GRADIENTS_H_
