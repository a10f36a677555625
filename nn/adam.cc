#include "trellis/nn/adam.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "trellis/graph/expr.h"
#include "trellis/graph/variable_store.h"
#include "trellis/ops/optimizer_ops.h"

namespace trellis::nn {
namespace {

constexpr char kMean[] = "m";
constexpr char kSquare[] = "v";

// By the names of their tensors, as TensorFlow sorts them.
bool SortsBefore(const Variable& a, const Variable& b) {
  return absl::StrCat(a.name(), ":0") < absl::StrCat(b.name(), ":0");
}

}  // namespace

Adam::Adam(AdamOptions options)
    : Optimizer(options.name), options_(std::move(options)) {}

void Adam::CreateSlots(const Scope& scope,
                       const std::vector<Variable>& variables,
                       SourceLocation location) {
  if (!beta1_power_) {
    const Variable first =
        *std::min_element(variables.begin(), variables.end(), SortsBefore);
    const Scope s = scope.ColocateWith(first);
    const auto power = [&](const Input& beta, const char* name) {
      return MakeVariable(s, beta,
                          {.trainable = false,
                           .use_resource = first.is_resource(),
                           .name = name},
                          location);
    };
    beta1_power_ = power(options_.beta1, "beta1_power");
    beta2_power_ = power(options_.beta2, "beta2_power");
  }
  for (const Variable& variable : variables) {
    AddZerosSlot(scope, variable, kMean, location);
    AddZerosSlot(scope, variable, kSquare, location);
  }
}

void Adam::Prepare(const Scope& s, SourceLocation location) {
  learning_rate_t_ =
      Parameter(s, options_.learning_rate, "learning_rate", location);
  beta1_t_ = Parameter(s, options_.beta1, "beta1", location);
  beta2_t_ = Parameter(s, options_.beta2, "beta2", location);
  epsilon_t_ = Parameter(s, options_.epsilon, "epsilon", location);
}

Node* Adam::Apply(const Scope& s, const Variable& w, Output gradient,
                  SourceLocation location) {
  const Output m = Slot(w, kMean).handle(), v = Slot(w, kSquare).handle();
  const Input beta1_power = As(s, beta1_power_, w.dtype(), location);
  const Input beta2_power = As(s, beta2_power_, w.dtype(), location);
  const Input rate = As(s, learning_rate_t_, w.dtype(), location);
  const Input beta1 = As(s, beta1_t_, w.dtype(), location);
  const Input beta2 = As(s, beta2_t_, w.dtype(), location);
  const Input epsilon = As(s, epsilon_t_, w.dtype(), location);
  if (w.is_resource()) {
    return ops::ResourceApplyAdam(s, w.handle(), m, v, beta1_power, beta2_power,
                                  rate, beta1, beta2, epsilon, gradient, {},
                                  location);
  }
  return ops::ApplyAdam(s, w.handle(), m, v, beta1_power, beta2_power, rate,
                        beta1, beta2, epsilon, gradient, {}, location)
      .node;
}

std::vector<Node*> Adam::Finish(const Scope& scope,
                                const std::vector<Node*>& updates,
                                SourceLocation location) {
  const Scope s =
      scope.WithControlDependencies(updates).ColocateWith(beta1_power_);
  const auto advance = [&](const Variable& power, Output beta) {
    return power.Assign(s, s(power, location) * beta, {}, location).op;
  };
  Node* first = advance(beta1_power_, beta1_t_);
  return {first, advance(beta2_power_, beta2_t_)};
}

}  // namespace trellis::nn
