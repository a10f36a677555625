#include "trellis/nn/moments.h"

#include "trellis/ops/binary_ops.h"
#include "trellis/ops/identity_ops.h"
#include "trellis/ops/reduce_ops.h"
#include "trellis/ops/reshape_ops.h"

namespace trellis::nn {

Moments AddMoments(const Scope& scope, Output x,
                   const std::vector<int64_t>& axes, absl::string_view name,
                   SourceLocation location) {
  const Scope s = scope.NameScope(name);
  const Output mean =
      ops::Mean(s, x, axes, {.keep_dims = true, .name = "mean"}, location);
  const Output squares = ops::SquaredDifference(
      s, x, ops::StopGradient(s, mean, {}, location), {}, location);
  const Output variance = ops::Mean(
      s, squares, axes, {.keep_dims = true, .name = "variance"}, location);
  return {
      .mean = ops::Squeeze(s, mean, {.squeeze_dims = axes}, location),
      .variance = ops::Squeeze(s, variance, {.squeeze_dims = axes}, location)};
}

}  // namespace trellis::nn
