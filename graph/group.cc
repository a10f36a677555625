#include "trellis/graph/group.h"

#include <algorithm>
#include <map>
#include <string>

#include "trellis/graph/op_builder.h"

namespace trellis {
namespace {

Node* NoOp(const Scope& scope, absl::string_view device,
           const std::vector<Node*>& after, absl::string_view name,
           SourceLocation location) {
  return EmitNode(scope.WithControlDependencies(after).WithDevice(device),
                  "NoOp", {}, {}, name, location);
}

}  // namespace

Node* Group(const Scope& scope, const NodeList& nodes, absl::string_view name,
            SourceLocation location) {
  std::map<std::string, std::vector<Node*>> by_device;
  for (Node* node : nodes.nodes()) {
    if (node == nullptr) {
      return scope.graph().AddError(
          absl::InvalidArgumentError("a group of something that is no node"));
    }
    by_device[node->device()].push_back(node);
  }
  const Scope group = scope.NameScope(name);
  if (by_device.empty()) return NoOp(group, "", {}, group.path(), location);
  if (by_device.size() == 1) {
    const auto& [device, members] = *by_device.begin();
    return NoOp(group, device, members, group.path(), location);
  }
  std::vector<Node*> gates;
  for (const auto& [device, members] : by_device) {
    gates.push_back(NoOp(group, device, members, "", location));
  }
  return NoOp(group, "", gates, group.path(), location);
}

Output WithDependencies(const Scope& scope, const NodeList& dependencies,
                        Output value, absl::string_view name,
                        SourceLocation location) {
  const Scope gate = scope.NameScope(name);
  return Emit(gate.ColocateWith(value).WithControlDependencies(dependencies),
              "Identity", {value}, {}, gate.path(), location);
}

std::vector<Output> Tuple(const Scope& scope, const std::vector<Output>& values,
                          const NodeList& also, absl::string_view name,
                          SourceLocation location) {
  std::vector<Node*> gates = also.nodes();
  for (Output value : values) {
    if (value) gates.push_back(value.node);
  }
  if (gates.empty()) {
    Node* error = scope.graph().AddError(
        absl::InvalidArgumentError("a tuple needs at least one tensor"));
    return std::vector<Output>(values.size(), error->output());
  }
  std::sort(gates.begin(), gates.end(),
            [](Node* a, Node* b) { return a->id() < b->id(); });
  gates.erase(std::unique(gates.begin(), gates.end()), gates.end());

  const Scope tuple = scope.NameScope(name);
  Node* gate = Group(tuple, gates, "group_deps", location);
  std::vector<Output> gated;
  for (Output value : values) {
    gated.push_back(value ? WithDependencies(tuple, {gate}, value,
                                             "control_dependency", location)
                          : Output());
  }
  return gated;
}

}  // namespace trellis
