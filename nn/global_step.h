// The variable that counts training steps: "global_step", an int64 scalar in
// the collections GLOBAL_VARIABLES and GLOBAL_STEP (R3.18).
//
// Errors become the graph's status.
#ifndef TRELLIS_NN_GLOBAL_STEP_H_
#define TRELLIS_NN_GLOBAL_STEP_H_

#include "trellis/graph/graph.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/source_location.h"
#include "trellis/graph/variable.h"

namespace trellis::nn {

// AlreadyExists if the graph has one. The name scope does not matter, an open
// variable scope does.
Variable CreateGlobalStep(
    const Scope& scope,
    SourceLocation location = std::source_location::current());

// The graph's: the one entry of GLOBAL_STEP, else the variable "global_step";
// none if there is neither or GLOBAL_STEP has several. InvalidArgument if it is
// no integer scalar.
Variable GetGlobalStep(Graph& graph);

Variable GetOrCreateGlobalStep(
    const Scope& scope,
    SourceLocation location = std::source_location::current());

}  // namespace trellis::nn

#endif  // TRELLIS_NN_GLOBAL_STEP_H_
