#include "trellis/nn/dense.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/graph/variable.h"
#include "trellis/nn/layer.h"
#include "trellis/ops/bias_ops.h"
#include "trellis/ops/matmul_ops.h"

namespace trellis::nn {
namespace {

absl::Status CheckArguments(Output x, int64_t units) {
  if (x.shape().rank() != 2 || x.shape().dim(1) == kUnknownDim) {
    return absl::InvalidArgumentError(
        absl::StrCat("the input must be [n, inputs] with known inputs, is ",
                     x.shape().ToString()));
  }
  if (units < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(units, " units; there must be at least 1"));
  }
  return absl::OkStatus();
}

}  // namespace

Output Dense(const Scope& scope, Output x, int64_t units,
             const DenseOptions& options, SourceLocation location) {
  if (!scope.status().ok()) return scope.graph().error_node()->output();
  const Scope layer = OpenLayer(scope, {options.scope, options.reuse}, "dense");
  const absl::Status checked = CheckArguments(x, units);
  if (!checked.ok()) return LayerError(layer, checked, location);

  const Variable kernel = AddWeight(layer, "kernel", {x.shape().dim(1), units},
                                    {.dtype = x.dtype(),
                                     .initializer = options.kernel_initializer,
                                     .regularizer = options.kernel_regularizer,
                                     .trainable = options.trainable},
                                    location);
  Variable bias;
  if (options.use_bias) {
    bias = AddWeight(layer, "bias", {units},
                     {.dtype = x.dtype(),
                      .initializer = options.bias_initializer,
                      .regularizer = options.bias_regularizer,
                      .trainable = options.trainable},
                     location);
  }
  Output y = ops::MatMul(layer, x, kernel, {}, location);
  if (bias) y = ops::BiasAdd(layer, y, bias, {}, location);
  return options.activation == nullptr ? y : options.activation(layer, y);
}

}  // namespace trellis::nn
