#include "trellis/nn/dropout.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "trellis/graph/expr.h"
#include "trellis/graph/op_builder.h"
#include "trellis/graph/tensor.h"
#include "trellis/graph/values.h"
#include "trellis/graph/zeros.h"
#include "trellis/nn/layer.h"
#include "trellis/ops/cast_ops.h"
#include "trellis/ops/compare_ops.h"
#include "trellis/ops/identity_ops.h"

namespace trellis::nn {
namespace {

// The rate if it is a number.
absl::StatusOr<std::optional<double>> CheckRate(const Input& rate) {
  if (!rate.is_literal()) return std::nullopt;
  const absl::StatusOr<Tensor> tensor = rate.ToTensor(kFloat64);
  if (!tensor.ok() || tensor->shape().rank() != 0) {
    return absl::InvalidArgumentError("the rate must be one number");
  }
  const double value = tensor->scalar<double>();
  if (!(value >= 0 && value < 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the rate is ", value, ", must be in [0, 1)"));
  }
  return value;
}

Output Drop(const Scope& scope, Output x, const Input& rate,
            std::optional<int64_t> seed, SourceLocation location) {
  const Scope s = scope.NameScope("dropout");
  const Output p = ToOutput(s, rate, "rate", x.dtype(), location);
  const Output drawn =
      UniformValues(s, ShapeOf(s, x, "Shape", location), 0, 1,
                    {.dtype = x.dtype(), .seed = seed}, location);
  const Output factor = 1 / (1 - s(p, location));
  // >= keeps everything at a rate of 0.
  const Output kept = ops::GreaterEqual(s, drawn, p, {}, location);
  const Output scaled = s(x, location) * factor;
  return s(scaled, location) * ops::Cast(s, kept, x.dtype(), {}, location);
}

}  // namespace

Output Dropout(const Scope& scope, Output x, const Input& rate, bool training,
               const DropoutOptions& options, SourceLocation location) {
  if (!scope.status().ok()) return scope.graph().error_node()->output();
  const Scope layer = OpenLayer(scope, {.name = options.scope}, "dropout");
  const auto number = CheckRate(rate);
  if (!number.ok()) return LayerError(layer, number.status(), location);
  if (!training) return ops::Identity(layer, x, {}, location);
  if (*number == 0.0) return x;
  return Drop(layer, x, rate, options.seed, location);
}

}  // namespace trellis::nn
