// A variable of the graph: tensor state that outlives a run.
//
// Variable is a reference to what the graph owns: copy it freely, keep it no
// longer than the graph. Variables are made by GetVariable and MakeVariable
// (variable_store.h), which also say how their nodes are called. Two kinds
// exist, as in TensorFlow: *reference* variables (op VariableV2, assigned
// through a reference tensor) and *resource* variables (op VarHandleOp,
// assigned through a handle).
#ifndef TRELLIS_GRAPH_VARIABLE_H_
#define TRELLIS_GRAPH_VARIABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/input.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/source_location.h"
#include "trellis/graph/variable_scope.h"

namespace trellis {

// What the graph keeps of a variable. Filled by whoever makes it, then fixed.
struct VariableInfo {
  std::string name;  // of its node
  DType dtype = kInvalid;
  Shape shape;
  bool trainable = false;
  bool is_resource = false;
  Output handle;  // reference or resource tensor
  Node* initializer = nullptr;
  Output initial_value;
  Output snapshot;  // "v/read", or "v/Read/ReadVariableOp"
  Output cached;    // on the caching device, where there is one
  Constraint constraint = nullptr;
  // Of a part of a partitioned variable: its whole.
  std::string full_name = "";
  PartitionInfo partition = {};
  // Of a partitioned variable, which has no nodes of its own.
  std::vector<VariableInfo*> parts = {};
  int partition_axis = 0;
};

// A new value's operation, and the value as TensorFlow returns it: the
// reference, or a read that waits for the operation (R2.63).
struct Assignment {
  Node* op = nullptr;
  Output value;  // none if it was not asked for

  operator Node*() const { return op; }
  operator Output() const { return value; }
};

struct AssignOptions {
  bool read_value = true;  // resource variables: add the read
  std::string name = "";   // of the operation; "" for its kind
};

class Variable {
 public:
  // None.
  Variable() = default;
  explicit Variable(VariableInfo* info) : info_(info) {}
  explicit operator bool() const { return info_ != nullptr; }

  // REQUIRES of these: a variable.
  const std::string& name() const { return info_->name; }  // "fc1/weights"
  DType dtype() const { return info_->dtype; }
  const Shape& shape() const { return info_->shape; }
  bool trainable() const { return info_->trainable; }
  bool is_resource() const { return info_->is_resource; }
  // The reference (float32_ref) or resource tensor.
  Output handle() const { return info_->handle; }
  // The node that assigns the initial value.
  Node* initializer() const { return info_->initializer; }
  Output initial_value() const { return info_->initial_value; }
  // The read that was made with the variable; what a fetch of it means.
  Output snapshot() const { return info_->snapshot; }
  const Constraint& constraint() const { return info_->constraint; }
  // Empty unless it is partitioned.
  std::vector<Variable> parts() const;
  VariableInfo* info() const { return info_; }
  Graph& graph() const;

  // The value, as a use of the variable sees it (R2.41): "v/read" of reference
  // variables; of resource variables a new node "ReadVariableOp" in `scope`, on
  // the variable's device.
  Output Read(const Scope& scope) const;
  // The same under a name of its own: "read", or "Read/ReadVariableOp" and
  // "Identity".
  Output ReadValue(const Scope& scope) const;

  Assignment Assign(
      const Scope& scope, const Input& value, const AssignOptions& options = {},
      SourceLocation location = std::source_location::current()) const;
  Assignment AssignAdd(
      const Scope& scope, const Input& delta, const AssignOptions& options = {},
      SourceLocation location = std::source_location::current()) const;
  Assignment AssignSub(
      const Scope& scope, const Input& delta, const AssignOptions& options = {},
      SourceLocation location = std::source_location::current()) const;
  // A bool scalar (R2.66).
  Output IsInitialized(
      const Scope& scope, absl::string_view name = "",
      SourceLocation location = std::source_location::current()) const;

  bool operator==(const Variable&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const Variable& v) {
    return H::combine(std::move(h), v.info_);
  }

 private:
  Assignment Update(absl::string_view op, const Scope& scope,
                    const Input& value, const AssignOptions& options,
                    SourceLocation location) const;

  VariableInfo* info_ = nullptr;
};

// For builders: the value of `variable` for an op that is made in `scope`; a
// read node is called "<path>ReadVariableOp".
Output ReadForUse(const Scope& scope, const VariableInfo& variable,
                  absl::string_view path, SourceLocation location);

inline Input::Input(const Variable& variable) : value_(variable.info()) {}
inline NodeRef::NodeRef(const Variable& variable)
    : node(variable.handle().node) {}

}  // namespace trellis

#endif  // TRELLIS_GRAPH_VARIABLE_H_
