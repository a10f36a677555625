#include "trellis/nn/global_step.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/graph/collections.h"
#include "trellis/graph/initializers.h"
#include "trellis/graph/variable_store.h"

namespace trellis::nn {

Variable CreateGlobalStep(const Scope& scope, SourceLocation location) {
  Graph& graph = scope.graph();
  if (GetGlobalStep(graph)) {
    graph.AddError(
        absl::AlreadyExistsError("the graph has a global step already"));
  }
  return GetVariable(
      scope.NameScope(""), "global_step", Shape::Scalar(),
      {.dtype = kInt64,
       .initializer = ZerosInitializer(),
       .trainable = false,
       .collections = std::vector<std::string>{std::string(kGlobalVariables),
                                               std::string(kGlobalStep)}},
      location);
}

Variable GetGlobalStep(Graph& graph) {
  const std::vector<Variable> steps =
      VariablesOf(GetCollection(graph, kGlobalStep));
  if (steps.size() > 1) return Variable();
  const Variable step =
      steps.empty() ? FindVariable(graph, "global_step") : steps[0];
  if (step && ((step.dtype() != kInt64 && step.dtype() != kInt32) ||
               step.shape().rank() != 0)) {
    graph.AddError(absl::InvalidArgumentError(absl::StrCat(
        "the global step ", step.name(), " must be an integer scalar, is ",
        DTypeName(step.dtype()), step.shape().ToString())));
  }
  return step;
}

Variable GetOrCreateGlobalStep(const Scope& scope, SourceLocation location) {
  const Variable step = GetGlobalStep(scope.graph());
  return step ? step : CreateGlobalStep(scope, location);
}

}  // namespace trellis::nn
