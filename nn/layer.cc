#include "trellis/nn/layer.h"

#include "absl/strings/str_cat.h"
#include "trellis/graph/collections.h"
#include "trellis/graph/variable_store.h"

namespace trellis::nn {

using absl::StrCat;

Scope OpenLayer(const Scope& scope, const LayerScope& layer,
                absl::string_view kind) {
  EnsureCollection(scope.graph(), kUpdateOps);
  const VariableScopeOptions options = {.reuse = layer.reuse};
  return layer.name.empty() ? scope.DefaultVariableScope(kind, options)
                            : scope.VariableScope(layer.name, options);
}

Variable AddWeight(const Scope& layer, absl::string_view name,
                   const Shape& shape, const WeightOptions& options,
                   SourceLocation location) {
  Graph& graph = layer.graph();
  const bool shared = static_cast<bool>(
      FindVariable(graph, StrCat(layer.variable_scope().name, "/", name)));
  const Variable weight = GetVariable(layer, name, shape,
                                      {.dtype = options.dtype,
                                       .initializer = options.initializer,
                                       .trainable = options.trainable,
                                       .partition = options.partition},
                                      location);
  if (options.regularizer != nullptr && !shared && graph.status().ok()) {
    const Output loss = options.regularizer(
        layer.NameScope(StrCat(name, "/Regularizer")), weight);
    if (loss) AddToCollection(graph, kRegularizationLosses, loss).IgnoreError();
  }
  return weight;
}

Output LayerError(const Scope& layer, const absl::Status& error,
                  SourceLocation location) {
  const std::string where = location.ToString();
  return layer.graph()
      .AddError(absl::Status(
          error.code(),
          StrCat(layer.name(), where.empty() ? "" : StrCat(" (", where, ")"),
                 ": ", error.message())))
      ->output();
}

}  // namespace trellis::nn
