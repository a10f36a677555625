// The mean of all elements.
#ifndef TRELLIS_NN_REDUCE_MEAN_H_
#define TRELLIS_NN_REDUCE_MEAN_H_

#include "absl/strings/string_view.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/source_location.h"

namespace trellis::nn {

// A scalar: the mean of all elements of x, with the nodes "Const", which names
// the axes, and `name` (R1.31). InvalidArgument, in the graph's status, for a
// tensor of unknown rank.
Output ReduceMean(const Scope& scope, Output x, absl::string_view name = "Mean",
                  SourceLocation location = std::source_location::current());

}  // namespace trellis::nn

#endif  // TRELLIS_NN_REDUCE_MEAN_H_
