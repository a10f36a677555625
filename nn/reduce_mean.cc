#include "trellis/nn/reduce_mean.h"

#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/graph/op_builder.h"
#include "trellis/ops/reduce_ops.h"

namespace trellis::nn {

Output ReduceMean(const Scope& scope, Output x, absl::string_view name,
                  SourceLocation location) {
  if (!scope.status().ok()) return scope.graph().error_node()->output();
  if (!x.shape().known_rank()) {
    return scope.graph()
        .AddError(absl::InvalidArgumentError(
            absl::StrCat(name, ": the rank of ", x.name(), " must be known")))
        ->output();
  }
  std::vector<int32_t> axes(x.shape().rank());
  std::iota(axes.begin(), axes.end(), 0);
  const Output all = ToOutput(scope, axes, "Const", kInt32, location);
  return ops::Mean(scope, x, all, {.name = std::string(name)}, location);
}

}  // namespace trellis::nn
