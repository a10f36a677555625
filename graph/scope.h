// Where and how nodes are added: a small value that is passed down.
//
//   Scope s = graph.root();
//   Scope conv = s.VariableScope("conv1", {.regularizer =
//   L2Regularizer(1e-4)}); Scope gpu = conv.WithDevice("/gpu:1"); Output y =
//   ops::Conv2D(gpu, x, filter, ...);         // "conv1/Conv2D" Output z = s(y)
//   * 2 + 1;                             // "mul", "add"
//
// Every method returns a new Scope and leaves this one as it is. Copying a
// Scope burns no name; opening a name or variable scope does (R1.18), so keep
// the Scope that was opened instead of opening it again. The rules are those of
// TensorFlow 1.15, whose `with` blocks are here the life of a value: a scope is
// left when the program goes on with an outer one. Nothing happens then; in
// particular names do not depend on when a Scope is destroyed (see
// ScopeCounters in variable_scope.h for R2.11).
//
// A Scope refers to its graph, which must outlive it. Scopes may be used from
// several threads at once.
//
// Errors (a name that R1.8 forbids, a device that does not parse) become the
// graph's status; the result is then a scope equal to this one.
#ifndef TRELLIS_GRAPH_SCOPE_H_
#define TRELLIS_GRAPH_SCOPE_H_

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "trellis/base/name.h"
#include "trellis/graph/attr_value.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/input.h"
#include "trellis/graph/source_location.h"
#include "trellis/graph/variable_scope.h"

namespace trellis {

class Expr;
class Variable;

// A node where outputs and variables will do as well: the node that makes the
// output, a variable's handle (this adds no read).
struct NodeRef {
  Node* node = nullptr;

  NodeRef(Node* n) : node(n) {}
  NodeRef(Output output) : node(output.node) {}
  NodeRef(const Variable& variable);  // in variable.h
};

// {a, b}, or a vector of Nodes, Outputs or Variables.
class NodeList {
 public:
  NodeList() = default;
  NodeList(std::initializer_list<NodeRef> nodes);
  template <typename T>
  requires std::convertible_to<const T&, NodeRef> NodeList(
      const std::vector<T>& nodes) {
    for (const T& n : nodes) nodes_.push_back(NodeRef(n).node);
  }

  const std::vector<Node*>& nodes() const { return nodes_; }

 private:
  std::vector<Node*> nodes_;
};

// The device of a node about to be made, whose `device` is what inner scopes
// asked for; "" for none. It replaces that device (R1.55).
using DeviceFunction = std::function<std::string(const NodeSpec& node)>;

class Scope {
 public:
  Graph& graph() const { return *graph_; }
  // The graph's.
  absl::Status status() const;
  // "tower/conv1", "" at the root (R1.25).
  const std::string& name() const;
  // "tower/conv1/", "" at the root (R1.21): as the name of a node or a scope it
  // means exactly this one.
  std::string path() const;

  // An operand of + - * / < ... whose nodes are made in this scope; expr.h.
  Expr operator()(
      const Input& input,
      SourceLocation location = std::source_location::current()) const;

  // ---- names

  // "x": a new scope below this one, made unique. "a/x/": the scope a/x itself.
  // "": the root. (R1.18 - R1.20)
  Scope NameScope(Name name) const;

  // ---- variables

  // Opens name scope and variable scope `name` (R2.6), or, for "", the latter
  // alone (R2.9).
  Scope VariableScope(Name name, VariableScopeOptions options = {}) const;
  // Enters the variable scope of `captured` again (R2.7).
  Scope VariableScope(const Scope& captured,
                      VariableScopeOptions options = {}) const;
  // Opens name scope and variable scope `default_name`, each made unique
  // (R2.8). InvalidArgument if options.reuse is set.
  Scope DefaultVariableScope(Name default_name,
                             VariableScopeOptions options = {}) const;
  // From here on get_variable only shares (reuse_variables, R2.3).
  Scope ReuseVariables() const;
  const VariableScopeState& variable_scope() const;

  // ---- devices (R1.55)

  // "/gpu:1"; what inner scopes leave open is filled in from outer ones.
  Scope WithDevice(Name device) const;
  Scope WithDevice(DeviceFunction function) const;
  // Outer devices do not apply.
  Scope WithoutDevice() const;

  // ---- order and place

  // Nodes made here run after these (R1.47 - R1.51).
  Scope WithControlDependencies(const NodeList& nodes) const;
  Scope WithoutControlDependencies() const;
  // Nodes made here are placed with `node`; outer devices do not apply (R1.60).
  Scope ColocateWith(NodeRef node, bool ignore_existing = false) const;
  // Neither colocation nor devices apply (R1.61).
  Scope WithoutColocation() const;

  // ---- attributes

  // For stateful ops that have a `container` (R1.63).
  Scope WithContainer(Name container) const;
  // Given to nodes that do not have it; a value that is not set lifts an outer
  // one (R1.64).
  Scope WithAttr(Name name, AttrValue value) const;
  // Nodes of `op` get the gradient of the op `gradient_op` (R1.65).
  Scope WithGradientOverride(Name op, Name gradient_op) const;

  // ---- for builders

  // Adds a node with this scope's device, control inputs, colocation and
  // attributes beside the spec's own. The spec's name is complete.
  Node* AddNode(NodeSpec spec) const;
  // The complete name of a node called `name` here (R1.24): unique, or absolute
  // where `name` ends in "/".
  std::string NodeName(absl::string_view name) const;

 private:
  friend class Graph;
  struct DeviceLevel;
  struct Controller;
  struct Colocation;
  struct AttrLevel;
  struct State;

  Scope(Graph* graph, std::shared_ptr<const State> state)
      : graph_(graph), state_(std::move(state)) {}

  // This scope with changes made to a copy of its state.
  template <typename F>
  Scope With(F change) const;
  // This scope, after recording the error.
  Scope Error(absl::Status status) const;
  Scope OpenVariableScope(std::string scope_name, absl::string_view name_scope,
                          VariableScopeState opened, bool by_name,
                          const VariableScopeOptions& options) const;
  std::string DeviceOf(const NodeSpec& spec) const;
  void AddControlInputs(NodeSpec* spec) const;
  void AddAttrs(NodeSpec* spec) const;

  Graph* graph_;
  std::shared_ptr<const State> state_;
};

}  // namespace trellis

#endif  // TRELLIS_GRAPH_SCOPE_H_
