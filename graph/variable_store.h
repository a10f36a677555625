// Making and sharing variables.
//
//   Variable w = GetVariable(s, "weights", {784, 10});
//       under the variable scope's name ("fc1/weights"), shared through the
//       graph's store as the scope's `reuse` says (R2.17 - R2.28)
//   Variable n = MakeVariable(s, 0, {.name = "step"});
//       under the name scope, made unique, never shared (R2.37)
//
// Both add TensorFlow's nodes (R2.38 - R2.40): the initial value below
// "<name>/Initializer", the variable "<name>", "<name>/Assign" and
// "<name>/read" for a reference variable, or
// "<name>/IsInitialized/VarIsInitializedOp", "<name>/Assign" and
// "<name>/Read/ReadVariableOp" for a resource variable. Open control
// dependencies do not apply to them, devices and colocation do (R2.17a).
//
// Errors become the graph's status; the result is then a variable whose tensors
// are the graph's error node. All functions may be called from several threads.
#ifndef TRELLIS_GRAPH_VARIABLE_STORE_H_
#define TRELLIS_GRAPH_VARIABLE_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "trellis/base/name.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/source_location.h"
#include "trellis/graph/variable.h"
#include "trellis/graph/variable_scope.h"

namespace trellis {

struct VariableOptions {
  DType dtype = kInvalid;  // kInvalid: the initial value's
  bool trainable = true;
  // Keys to add the variable to (R2.46); not set: GLOBAL_VARIABLES. A trainable
  // variable is added to TRAINABLE_VARIABLES too.
  std::optional<std::vector<std::string>> collections = std::nullopt;
  // Where reads are kept (R2.42).
  std::string caching_device = "";
  // false: a reference variable without a shape, which takes that of whatever
  // is assigned to it.
  bool validate_shape = true;
  // Not set: as the scope says.
  std::optional<bool> use_resource = std::nullopt;
  Constraint constraint = nullptr;
  std::string name = "";  // "" for "Variable"
};

// A new variable. InvalidArgument if `initial` is a function that looks at a
// shape, if its dtype is not the one asked for, or if a reference variable's
// initial value has a shape that is not fully defined (R2.43).
Variable MakeVariable(
    const Scope& scope, const Initializer& initial,
    const VariableOptions& options = {},
    SourceLocation location = std::source_location::current());

// What is left out comes from the variable scope (R2.18).
struct GetVariableOptions {
  DType dtype = kInvalid;
  Initializer initializer = {};
  Regularizer regularizer = nullptr;
  bool trainable = true;
  std::optional<std::vector<std::string>> collections = std::nullopt;
  std::string caching_device = "";
  Partitioner partitioner = nullptr;
  bool partition = true;  // false: made whole, whatever the partitioner
  bool validate_shape = true;
  std::optional<bool> use_resource = std::nullopt;
  CustomGetter custom_getter = nullptr;  // instead of the scope's (R2.54)
  Constraint constraint = nullptr;
  // Here kNone means: it must be new (R2.16).
  std::optional<Reuse> reuse = std::nullopt;
};

// The variable "<variable scope>/<name>": the stored one, or a new one (R2.20).
// An empty name in scope "s" makes the node "s", stored as "s/" (R2.17b).
// `shape` may be unknown if the initializer is a value or needs none. Under a
// partitioner it is made of the variables "<name>/part_<i>" (R2.57 - R2.61).
//
// Errors: AlreadyExists, with the line that made it, if it exists and may not
// be shared; NotFound if it does not exist and must be; InvalidArgument if it
// is shared under another dtype or an incompatible shape (R2.21), if there is
// no initializer for the dtype (R2.24), if a shape is missing (R2.25) or given
// beside a value (R2.23), or if a variable is asked for whole that is stored in
// parts, or the reverse (R2.28).
Variable GetVariable(const Scope& scope, Name name, const Shape& shape = {},
                     const GetVariableOptions& options = {},
                     SourceLocation location = std::source_location::current());
// The same, not trainable and under LOCAL_VARIABLES (R2.51).
Variable GetLocalVariable(
    const Scope& scope, Name name, const Shape& shape = {},
    GetVariableOptions options = {},
    SourceLocation location = std::source_location::current());

// What get_variable stored under the full name; none if there is nothing.
Variable FindVariable(Graph& graph, Name full_name);
// Every variable of the graph in order of creation; parts instead of what they
// are parts of.
std::vector<Variable> AllVariables(Graph& graph);
// For import: a variable whose nodes are in the graph already. The graph keeps
// what it is told.
Variable AdoptVariable(Graph& graph, VariableInfo info);

// One NoOp that runs the initializers of all GLOBAL_VARIABLES (R2.65); of
// LOCAL_VARIABLES; of those given.
Node* GlobalVariablesInitializer(
    const Scope& scope,
    SourceLocation location = std::source_location::current());
Node* LocalVariablesInitializer(
    const Scope& scope,
    SourceLocation location = std::source_location::current());
Node* VariablesInitializer(
    const Scope& scope, const std::vector<Variable>& variables,
    Name name = "init",
    SourceLocation location = std::source_location::current());

}  // namespace trellis

#endif  // TRELLIS_GRAPH_VARIABLE_STORE_H_
