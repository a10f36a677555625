#include "trellis/nn/momentum.h"

#include <utility>

#include "trellis/ops/optimizer_ops.h"

namespace trellis::nn {
namespace {

constexpr char kAccumulator[] = "momentum";

}  // namespace

Momentum::Momentum(Input learning_rate, Input momentum, MomentumOptions options)
    : Optimizer(std::move(options.name)),
      learning_rate_(std::move(learning_rate)),
      momentum_(std::move(momentum)),
      use_nesterov_(options.use_nesterov) {}

void Momentum::CreateSlots(const Scope& scope,
                           const std::vector<Variable>& variables,
                           SourceLocation location) {
  for (const Variable& v : variables) {
    AddZerosSlot(scope, v, kAccumulator, location);
  }
}

void Momentum::Prepare(const Scope& scope, SourceLocation location) {
  learning_rate_t_ =
      Parameter(scope, learning_rate_, "learning_rate", location);
  momentum_t_ = Parameter(scope, momentum_, "momentum", location);
}

Node* Momentum::Apply(const Scope& s, const Variable& w, Output gradient,
                      SourceLocation location) {
  const Output accumulator = Slot(w, kAccumulator).handle();
  const Input rate = As(s, learning_rate_t_, w.dtype(), location);
  const Input momentum = As(s, momentum_t_, w.dtype(), location);
  if (w.is_resource()) {
    return ops::ResourceApplyMomentum(
        s, w.handle(), accumulator, rate, gradient, momentum,
        {.use_nesterov = use_nesterov_}, location);
  }
  return ops::ApplyMomentum(s, w.handle(), accumulator, rate, gradient,
                            momentum, {.use_nesterov = use_nesterov_}, location)
      .node;
}

}  // namespace trellis::nn
