#include "trellis/nn/gradient_descent.h"

#include <utility>

#include "trellis/ops/optimizer_ops.h"

namespace trellis::nn {

GradientDescent::GradientDescent(Input learning_rate,
                                 GradientDescentOptions options)
    : Optimizer(std::move(options.name)),
      learning_rate_(std::move(learning_rate)) {}

void GradientDescent::CreateSlots(const Scope&, const std::vector<Variable>&,
                                  SourceLocation) {}

void GradientDescent::Prepare(const Scope& scope, SourceLocation location) {
  learning_rate_t_ =
      Parameter(scope, learning_rate_, "learning_rate", location);
}

Node* GradientDescent::Apply(const Scope& s, const Variable& w, Output gradient,
                             SourceLocation location) {
  const Input rate = As(s, learning_rate_t_, w.dtype(), location);
  if (w.is_resource()) {
    return ops::ResourceApplyGradientDescent(s, w.handle(), rate, gradient, {},
                                             location);
  }
  return ops::ApplyGradientDescent(s, w.handle(), rate, gradient, {}, location)
      .node;
}

}  // namespace trellis::nn
