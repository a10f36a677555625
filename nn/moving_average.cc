#include "trellis/nn/moving_average.h"

#include "trellis/graph/expr.h"
#include "trellis/graph/op_builder.h"
#include "trellis/ops/cast_ops.h"

namespace trellis::nn {

Node* AssignMovingAverage(const Scope& scope, const Variable& variable,
                          Output value, double decay, absl::string_view name,
                          SourceLocation location) {
  const Scope s = scope.NameScope(name).ColocateWith(variable);
  Output rate = ToOutput(s, 1.0 - decay, "decay", kFloat32, location);
  if (variable.dtype() != kFloat32) {
    rate = ops::Cast(s, rate, variable.dtype(), {}, location);
  }
  const Output delta = (s(variable, location) - value) * rate;
  // TensorFlow drops the name where the variable is a resource (R2.63).
  return variable
      .AssignSub(s, delta, {.name = variable.is_resource() ? "" : s.path()},
                 location)
      .op;
}

}  // namespace trellis::nn
