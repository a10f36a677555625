#include "trellis/nn/metrics.h"

#include "trellis/nn/reduce_mean.h"
#include "trellis/ops/cast_ops.h"
#include "trellis/ops/compare_ops.h"
#include "trellis/ops/reduce_ops.h"

namespace trellis::nn {

Output Accuracy(const Scope& scope, Output labels, Output logits,
                absl::string_view name, SourceLocation location) {
  const Output predicted =
      ops::ArgMax(scope, logits, 1, {.output_type = labels.dtype()}, location);
  const Output right = ops::Equal(scope, predicted, labels, {}, location);
  return ReduceMean(scope, ops::Cast(scope, right, kFloat32, {}, location),
                    name, location);
}

}  // namespace trellis::nn
