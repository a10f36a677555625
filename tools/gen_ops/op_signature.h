// How an op looks as a C++ function: which of its attributes are arguments,
// which are options, and what everything is called.
//
//   Output F(const Scope&, inputs..., required attributes..., FOptions = {},
//            SourceLocation = std::source_location::current())
//
// An attribute that follows from an input (MatMul's T, AddN's N) is neither
// argument nor option. Any other is an option if it has a default and an
// argument if it has none (Cast's DstT, Conv2D's strides).
#ifndef TRELLIS_TOOLS_GEN_OPS_OP_SIGNATURE_H_
#define TRELLIS_TOOLS_GEN_OPS_OP_SIGNATURE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "trellis/graph/op_schema.h"

namespace trellis {

struct OpParameter {
  std::string schema_name;    // "DstT"
  std::string name;           // as a C++ identifier: "dst_t"
  std::string type;           // of a struct's field: "std::vector<int64_t>"
  std::string default_value;  // a C++ expression; "" if there is none
  bool list = false;          // several tensors
};

struct OpSignature {
  std::string function;  // "MatMul"; without the owner of "Trellis>RoiAlign"
  std::vector<OpParameter> inputs;
  std::vector<OpParameter> arguments;  // required attributes
  std::vector<OpParameter> options;
  std::vector<OpParameter> outputs;
};

// Is there a function for this op? Not for those that only rewrites make (names
// with a leading '_'), and not for those that hold a tensor as an attribute:
// constants are made from literals (trellis/graph/input.h).
bool HasWrapper(const OpSchema& schema);

// Unimplemented if an attribute's default has no C++ literal.
absl::StatusOr<OpSignature> SignatureOf(const OpSchema& schema);

// Does the attribute's value follow from the node's inputs?
bool IsInferred(const OpSchema& schema, const AttrSchema& attr);

// "DstT" -> "dst_t", "class" -> "class_".
std::string CppIdentifier(absl::string_view name);

// The enumerator, "kFloat32".
std::string DTypeEnumerator(DType dtype);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_GEN_OPS_OP_SIGNATURE_H_
