#include "trellis/nn/batch_norm.h"

#include <cstdint>
#include <numeric>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/graph/collections.h"
#include "trellis/graph/expr.h"
#include "trellis/graph/variable.h"
#include "trellis/nn/layer.h"
#include "trellis/nn/moments.h"
#include "trellis/nn/moving_average.h"
#include "trellis/ops/unary_ops.h"

namespace trellis::nn {
namespace {

struct Statistics {
  Variable mean;
  Variable variance;
};

absl::Status CheckArguments(Output x, const BatchNormOptions& options) {
  const Shape& shape = x.shape();
  if (shape.rank() < 1 || shape.dim(shape.rank() - 1) == kUnknownDim) {
    return absl::InvalidArgumentError(
        absl::StrCat("the input must be [..., channels] with known channels, "
                     "is ",
                     shape.ToString()));
  }
  if (!(options.momentum >= 0 && options.momentum <= 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("momentum is ", options.momentum, ", must be in [0, 1]"));
  }
  if (!(options.epsilon > 0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("epsilon is ", options.epsilon, ", must be above 0"));
  }
  return absl::OkStatus();
}

// The moments of x, and the nodes that the moving statistics follow them with.
Moments BatchMoments(const Scope& layer, Output x, const Statistics& moving,
                     double momentum, SourceLocation location) {
  std::vector<int64_t> axes(x.shape().rank() - 1);
  std::iota(axes.begin(), axes.end(), 0);
  const Moments batch = AddMoments(layer, x, axes, "moments", location);
  Graph& graph = layer.graph();
  for (Node* update :
       {AssignMovingAverage(layer, moving.mean, batch.mean, momentum,
                            "AssignMovingAvg", location),
        AssignMovingAverage(layer, moving.variance, batch.variance, momentum,
                            "AssignMovingAvg", location)}) {
    AddToCollection(graph, kUpdateOps, update).IgnoreError();
  }
  return batch;
}

// x * inv + (beta - mean * inv) with inv = gamma / sqrt(variance + epsilon); a
// variable that is none is left out.
Output Normalize(const Scope& layer, Output x, const Input& mean,
                 const Input& variance, const Variable& gamma,
                 const Variable& beta, double epsilon,
                 SourceLocation location) {
  const Scope s = layer.NameScope("batchnorm");
  Output inv = ops::Rsqrt(s, s(variance, location) + epsilon, {}, location);
  if (gamma) inv = s(inv, location) * gamma;
  const Output scaled = s(x, location) * inv;
  const Output offset =
      beta ? Output(s(beta, location) - s(mean, location) * inv)
           : Output(-s(mean, location) * inv);
  return s(scaled, location) + offset;
}

}  // namespace

Output BatchNorm(const Scope& scope, Output x, bool training,
                 const BatchNormOptions& options, SourceLocation location) {
  if (!scope.status().ok()) return scope.graph().error_node()->output();
  const Scope layer =
      OpenLayer(scope, {options.scope, options.reuse}, "batch_normalization");
  const absl::Status checked = CheckArguments(x, options);
  if (!checked.ok()) return LayerError(layer, checked, location);

  const Shape channels = {x.shape().dims().back()};
  const auto add = [&](absl::string_view name, const Initializer& initializer,
                       const Regularizer& regularizer) {
    return AddWeight(layer, name, channels,
                     {.dtype = x.dtype(),
                      .initializer = initializer,
                      .regularizer = regularizer,
                      .trainable = options.trainable},
                     location);
  };
  const auto add_moving = [&](absl::string_view name,
                              const Initializer& initializer) {
    return AddWeight(layer, name, channels,
                     {.dtype = x.dtype(),
                      .initializer = initializer,
                      .trainable = false,
                      .partition = false},
                     location);
  };
  Variable gamma, beta;
  if (options.scale) {
    gamma = add("gamma", options.gamma_initializer, options.gamma_regularizer);
  }
  if (options.center) {
    beta = add("beta", options.beta_initializer, options.beta_regularizer);
  }
  const Variable mean =
      add_moving("moving_mean", options.moving_mean_initializer);
  const Variable variance =
      add_moving("moving_variance", options.moving_variance_initializer);
  if (!training) {
    return Normalize(layer, x, mean, variance, gamma, beta, options.epsilon,
                     location);
  }
  const Moments batch =
      BatchMoments(layer, x, {mean, variance}, options.momentum, location);
  return Normalize(layer, x, batch.mean, batch.variance, gamma, beta,
                   options.epsilon, location);
}

}  // namespace trellis::nn
