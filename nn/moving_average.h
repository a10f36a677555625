// A variable that follows a value.
#ifndef TRELLIS_NN_MOVING_AVERAGE_H_
#define TRELLIS_NN_MOVING_AVERAGE_H_

#include "absl/strings/string_view.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/source_location.h"
#include "trellis/graph/variable.h"

namespace trellis::nn {

// The node that performs, when it runs,
//
//   variable <- variable - (variable - value) * (1 - decay)
//
// placed with the variable (R8.20, without zero-debias). 1 - decay is a float32
// constant, cast to the variable's type (R7.37).
Node* AssignMovingAverage(
    const Scope& scope, const Variable& variable, Output value, double decay,
    absl::string_view name = "AssignMovingAvg",
    SourceLocation location = std::source_location::current());

}  // namespace trellis::nn

#endif  // TRELLIS_NN_MOVING_AVERAGE_H_
