// Inside the library: how a variable's nodes are added, for MakeVariable and
// GetVariable alike.
#ifndef TRELLIS_GRAPH_MAKE_VARIABLE_H_
#define TRELLIS_GRAPH_MAKE_VARIABLE_H_

#include <functional>

#include "absl/status/statusor.h"
#include "trellis/graph/input.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/source_location.h"
#include "trellis/graph/variable.h"
#include "trellis/graph/variable_store.h"

namespace trellis {

// An initial value: as it is, or made where initializers run.
struct InitialValue {
  std::function<Input(const Scope&)> function;
  std::optional<Input> value;
};

// Adds the nodes (R2.38 - R2.43); keeps the variable, but puts it into no
// collection. `scope` decides the name scope, devices and colocation.
absl::StatusOr<Variable> AddVariableNodes(const Scope& scope,
                                          const InitialValue& initial,
                                          const VariableOptions& options,
                                          SourceLocation location);

// Adds it to its collections (R2.46).
absl::Status CollectVariable(Variable variable, const VariableOptions& options);

// The variable that stands for an error.
Variable ErrorVariable(Graph& graph);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_MAKE_VARIABLE_H_
