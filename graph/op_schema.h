// What an operation is: OpSchema, the one place for everything an op means
// (schema, flags, shape function, gradient, documentation), and the registry
// that programs fill with the ops they know.
//
// The fields are those of TensorFlow's OpDef under shorter names.
#ifndef TRELLIS_GRAPH_OP_SCHEMA_H_
#define TRELLIS_GRAPH_OP_SCHEMA_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/attr_value.h"
#include "trellis/graph/dtype.h"

namespace trellis {

class ShapeContext;
class GradientContext;
struct PartialValue;

// What a node does to the state object (a variable) that an input refers to.
enum class Effect : uint8_t {
  kNone,    // not a state object, or only its identity matters
  kRead,    // its value
  kWrite,   // replaces the value without looking at it
  kUpdate,  // reads and writes
};

struct ArgSchema {
  std::string name;
  // A dtype ("int32"), or the attribute that says which ("T"); an attribute of
  // kind list(type) makes it a list of differently typed tensors.
  std::string type;
  // If set, an attribute of kind int: so many tensors of the one type.
  std::string number = "";
  // A reference to a TensorFlow-1 variable: its dtype is T_ref. A node that
  // takes such an output through an argument that is no reference reads it.
  bool is_ref = false;
  // Inputs only. On what is_ref or a resource refers to.
  Effect effect = Effect::kNone;
  // Outputs only: the index of the input argument whose reference this passes
  // on.
  int forwards_ref = -1;

  // What `type` means; filled in by OpRegistry::Add.
  bool is_type_list = false;    // it names an attribute of kind list(type)
  DType fixed_type = kInvalid;  // it is this dtype
};

struct AttrSchema {
  std::string name;
  // "string", "int", "float", "bool", "type", "shape", "tensor", "func", or
  // "list(...)" of these.
  std::string kind;
  // Not set: the attribute must be given, or is inferred from an input.
  AttrValue default_value = {};
  DTypeSet allowed_types = kAllTypes;             // kind type or list(type)
  std::vector<std::string> allowed_strings = {};  // kind string; empty: all
  std::optional<int64_t> minimum = std::nullopt;  // of an int, or a list's size
};

// Shorthands for the common ones.
AttrSchema TypeAttr(std::string name, DTypeSet allowed = kAllTypes);
AttrSchema TypeAttr(std::string name, DTypeSet allowed, DType default_value);
AttrSchema BoolAttr(std::string name, bool default_value);
AttrSchema IntAttr(std::string name, int64_t default_value);
AttrSchema FloatAttr(std::string name, float default_value);
AttrSchema StringAttr(std::string name, std::string default_value);
// N >= minimum: the length of a list input, never given by hand.
AttrSchema NumberAttr(std::string name, int64_t minimum = 1);

using ShapeFunction = absl::Status (*)(ShapeContext&);
using GradientFunction = absl::Status (*)(GradientContext&);
// What is known of output 0, an integer scalar or vector, from the shapes and
// values of the inputs: how shapes computed by the program reach shape
// functions.
using ValueFunction = std::optional<PartialValue> (*)(ShapeContext&);

struct OpSchema {
  std::string name;
  std::string doc;  // one sentence, then details
  std::vector<ArgSchema> inputs = {};
  std::vector<ArgSchema> outputs = {};
  std::vector<AttrSchema> attrs = {};

  // The op's one validator; see shape_context.h. Never null once registered.
  ShapeFunction shape = nullptr;

  ValueFunction value = nullptr;

  // Exactly one of the two; the second is the reason why no gradient flows
  // ("piecewise constant").
  GradientFunction gradient = nullptr;
  std::string not_differentiable = "";

  // A node with state of its own or with effects beyond its outputs: never
  // merged, folded or pruned while something asks for it.
  bool stateful = false;
  // Output 0, a reference or a resource, is a variable of the session, under
  // the attributes shared_name (or the node's name) and container. Makes no
  // step.
  bool variable = false;
  // Output 0 is the tensor of the attribute `value`. Makes no step.
  bool constant = false;
  // Looks at the extent of its one input, not at its elements: placed beside
  // what makes the input (R5.12; not ShapeN).
  bool metadata = false;
  // A placeholder: a run that needs it must feed it.
  bool must_be_fed = false;
  // Draws random numbers: the session keeps a counter for each such node, which
  // is saved with a checkpoint. Implies stateful.
  bool random = false;
  // f(a, b) = f(b, a), bit for bit.
  bool commutative = false;
  // The output has the bytes of this input (of a reference or resource: of the
  // variable), and the plan makes no step where it can see that this is safe.
  int view_of = -1;
  // Inputs whose memory output 0 may take where it is not needed any more.
  std::vector<int> in_place = {};
  // May wait for another run (queues): ordered after what cannot.
  bool blocks = false;
  // Takes a variable that was never assigned (Assign, IsVariableInitialized).
  bool allows_uninitialized_input = false;

  const AttrSchema* FindAttr(absl::string_view attr) const;
  // Indices into inputs/outputs, or -1.
  int FindInput(absl::string_view arg) const;
  int FindOutput(absl::string_view arg) const;
  // "MatMul(a: T, b: T) -> (product: T)".
  std::string ToString() const;
};

// Ops by name. Fill it, then share it: const access from many threads is safe.
class OpRegistry {
 public:
  OpRegistry() = default;
  // Knows what `base` knows, too; `base` outlives it.
  explicit OpRegistry(const OpRegistry* base) : base_(base) {}
  OpRegistry(const OpRegistry&) = delete;
  OpRegistry& operator=(const OpRegistry&) = delete;

  // Stops the program if the schema is malformed (a name twice, an unknown type
  // attribute, no shape function, neither gradient nor reason): that is a
  // mistake of the program, found by the op's first test.
  void Add(OpSchema schema);

  // nullptr if unknown. The pointer lives as long as the registry.
  const OpSchema* Find(absl::string_view name) const;

  // All schemas of its own, by name.
  std::vector<const OpSchema*> schemas() const;

 private:
  const OpRegistry* base_ = nullptr;
  absl::flat_hash_map<std::string, std::unique_ptr<const OpSchema>> schemas_;
};

// Is the schema well formed? The reason if not.
absl::Status Validate(const OpSchema& schema);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_OP_SCHEMA_H_
