// Adds one node to a graph under a scope's rules. Generated wrappers and code
// that emits nodes by op name are made of it:
//
//   Node* node = OpBuilder(scope, "MatMul", options.name, location)
//                    .Input(a)
//                    .Input(b)
//                    .Attr("transpose_b", true)
//                    .Build();
//
// As every op of TensorFlow does (R1.26), Build opens the name scope of the
// node, turns its arguments into tensors there (a literal becomes a Const
// "<node>/<argument>", a resource variable is read), then adds the node with
// the scope's device, control inputs, colocation and attributes. A node that
// takes a reference is placed with its variable (R1.62a).
//
// Number and type attributes that follow from the inputs are left out; weakly
// typed literals follow the typed inputs. An attribute that equals its default
// is not stored.
//
// Errors, in the graph's status: Unimplemented for an op that the graph's
// registry does not have, InvalidArgument for a wrong number of arguments, a
// literal of the wrong kind, and what the node's checks find.
#ifndef TRELLIS_GRAPH_OP_BUILDER_H_
#define TRELLIS_GRAPH_OP_BUILDER_H_

#include <concepts>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "trellis/graph/attr_value.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/input.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/source_location.h"

namespace trellis {

class OpBuilder {
 public:
  // `name`: "" for the op's own; made unique in the scope unless it ends in
  // "/" (R1.24). `scope`, `op` and `name` must outlive the builder.
  OpBuilder(const Scope& scope, absl::string_view op, absl::string_view name,
            SourceLocation location);

  // The arguments, in the order of the schema: a single tensor, or a list.
  OpBuilder& Input(trellis::Input input);
  OpBuilder& InputList(absl::Span<const trellis::Input> inputs);
  template <std::same_as<trellis::InputList> T>
  OpBuilder& Input(const T& list) {
    return InputList(absl::Span<const trellis::Input>(list));
  }
  // `name` must outlive the builder. A value that is not set is left out.
  OpBuilder& Attr(absl::string_view name, AttrValue value);
  OpBuilder& ControlInput(Node* node);

  // nullptr if the graph's registry does not know the op.
  const OpSchema* schema() const { return schema_; }

  // The node, or the graph's error node. Call it once.
  Node* Build();

 private:
  struct Argument {
    int first;
    int count;
    bool list;
  };

  absl::StatusOr<Node*> TryBuild();
  absl::Status CheckArguments(const OpSchema& schema) const;
  AttrValue* FindAttr(absl::string_view name);
  DType FollowedDType(const OpSchema& schema, size_t argument);
  absl::StatusOr<Output> Convert(const OpSchema& schema, size_t argument,
                                 const trellis::Input& input, int position);

  const Scope& scope_;
  const absl::string_view op_;
  const OpSchema* const schema_;
  const absl::string_view name_;
  const SourceLocation location_;
  std::string path_;  // of the node
  absl::InlinedVector<trellis::Input, 4> inputs_;
  absl::InlinedVector<Argument, 4> arguments_;
  AttrMap attrs_;
  std::vector<Node*> control_inputs_;
};

// The first output of a node made by op name; for ops without outputs use
// OpBuilder. Lists are flattened: only where one argument is a list, or none.
Output Emit(const Scope& scope, absl::string_view op,
            absl::Span<const Input> inputs, AttrMap attrs = {},
            absl::string_view name = "",
            SourceLocation location = std::source_location::current());

// The node of it.
Node* EmitNode(const Scope& scope, absl::string_view op,
               absl::Span<const Input> inputs, AttrMap attrs = {},
               absl::string_view name = "",
               SourceLocation location = std::source_location::current());

// A Const node (R1.30).
Output Constant(const Scope& scope, Tensor value,
                absl::string_view name = "Const",
                SourceLocation location = std::source_location::current());

// `input` as a tensor (TensorFlow's convert_to_tensor): an Output is returned
// as it is, a variable is read, a literal becomes a Const called `name`. A
// weakly typed literal takes `dtype` where that is given.
Output ToOutput(const Scope& scope, const Input& input,
                absl::string_view name = "Const", DType dtype = kInvalid,
                SourceLocation location = std::source_location::current());

}  // namespace trellis

#endif  // TRELLIS_GRAPH_OP_BUILDER_H_
