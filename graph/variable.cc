#include "trellis/graph/variable.h"

#include <mutex>

#include "absl/strings/str_cat.h"
#include "trellis/graph/op_builder.h"

namespace trellis {
namespace {

using absl::StrCat;

// A new node that reads a resource variable: on the device of its handle and
// with no colocation group, whatever is open in `scope` (R2.41).
Output AddRead(const Scope& scope, const VariableInfo& variable,
               absl::string_view path, SourceLocation location) {
  Graph& graph = scope.graph();
  NodeSpec spec{.name = graph.UniqueName(StrCat(path, "ReadVariableOp")),
                .op = "ReadVariableOp",
                .inputs = {variable.handle},
                .attrs = {{"dtype", AttrValue(variable.dtype)}},
                .device = variable.handle.node->device(),
                .location = location};
  return {scope.WithoutColocation().AddNode(std::move(spec)), 0};
}

// R2.61: the parts, concatenated. Every use makes new nodes, named at the root.
Output AddConcat(const Scope& scope, const VariableInfo& variable,
                 SourceLocation location) {
  std::vector<Input> parts;
  for (VariableInfo* part : variable.parts) parts.push_back(Variable(part));
  const Scope root = scope.NameScope("");
  Input whole = parts[0];
  if (parts.size() > 1) {
    const Scope inside =
        root.NameScope(StrCat(variable.name, "/ConcatPartitions/"));
    OpBuilder concat(inside, "ConcatV2", "concat", location);
    concat.InputList(parts).Input(variable.partition_axis);
    whole = concat.Build()->output();
  }
  return Emit(root, "Identity", {whole}, {}, variable.name, location);
}

}  // namespace

Output ReadForUse(const Scope& scope, const VariableInfo& variable,
                  absl::string_view path, SourceLocation location) {
  if (!variable.parts.empty()) return AddConcat(scope, variable, location);
  if (variable.cached) return variable.cached;
  if (!variable.is_resource) return variable.snapshot;
  return AddRead(scope, variable, path, location);
}

std::vector<Variable> Variable::parts() const {
  return std::vector<Variable>(info_->parts.begin(), info_->parts.end());
}

Graph& Variable::graph() const {
  const VariableInfo& first = info_->parts.empty() ? *info_ : *info_->parts[0];
  return first.handle.node->graph();
}

Output Variable::Read(const Scope& scope) const {
  return ReadForUse(scope, *info_, scope.path(), {});
}

Output Variable::ReadValue(const Scope& scope) const {
  if (!info_->parts.empty()) return AddConcat(scope, *info_, {});
  if (!is_resource()) return Emit(scope, "Identity", {handle()}, {}, "read");
  const Scope read = scope.NameScope("Read");
  return Emit(scope, "Identity", {AddRead(scope, *info_, read.path(), {})});
}

Assignment Variable::Assign(const Scope& scope, const Input& value,
                            const AssignOptions& options,
                            SourceLocation location) const {
  return Update(is_resource() ? "AssignVariableOp" : "Assign", scope, value,
                options, location);
}

Assignment Variable::AssignAdd(const Scope& scope, const Input& delta,
                               const AssignOptions& options,
                               SourceLocation location) const {
  return Update(is_resource() ? "AssignAddVariableOp" : "AssignAdd", scope,
                delta, options, location);
}

Assignment Variable::AssignSub(const Scope& scope, const Input& delta,
                               const AssignOptions& options,
                               SourceLocation location) const {
  return Update(is_resource() ? "AssignSubVariableOp" : "AssignSub", scope,
                delta, options, location);
}

Assignment Variable::Update(absl::string_view op, const Scope& scope,
                            const Input& value, const AssignOptions& options,
                            SourceLocation location) const {
  Graph& graph = scope.graph();
  if (!info_->parts.empty()) {
    Node* error = graph.AddError(absl::UnimplementedError(
        StrCat(name(), ": assign to the parts of a partitioned variable")));
    return {error, error->output()};
  }
  if (!is_resource()) {
    Node* node =
        EmitNode(scope, op, {handle(), value}, {}, options.name, location);
    return {node, node->output()};
  }
  // A literal is a Const of the current scope, not of the operation (R2.63).
  const Output tensor = ToOutput(scope, value, "Const", dtype(), location);
  Node* node =
      EmitNode(scope, op, {handle(), tensor}, {}, options.name, location);
  if (!options.read_value || node == graph.error_node()) {
    return {node, Output()};
  }
  return {node, AddRead(scope.WithControlDependencies({node}), *info_,
                        scope.path(), location)};
}

Output Variable::IsInitialized(const Scope& scope, absl::string_view name,
                               SourceLocation location) const {
  return Emit(scope,
              is_resource() ? "VarIsInitializedOp" : "IsVariableInitialized",
              {handle()}, {}, name, location);
}

}  // namespace trellis
