// The C++ functions that add nodes of a family's operations to a graph: one
// header and one source per family, the same text for the same schemas.
#ifndef TRELLIS_TOOLS_GEN_OPS_OP_WRAPPERS_H_
#define TRELLIS_TOOLS_GEN_OPS_OP_WRAPPERS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/op_schema.h"

namespace trellis {

// Where the wrappers of family "matmul" go and come from:
//   package    the folder of the header as includes name it, "trellis/ops"
//   file name  "matmul_ops.h"; the source is "matmul_ops.cc"
//   space      the functions' namespace, "trellis::ops"
struct WrapperPlace {
  std::string family;
  std::string package = "trellis/ops";
  std::string space = "trellis::ops";
};

// The wrappers of all ops of `registry`, by name. Unimplemented, naming op and
// attribute, if a default cannot be written in C++.
absl::StatusOr<std::string> WrapperHeader(const OpRegistry& registry,
                                          const WrapperPlace& place);
absl::StatusOr<std::string> WrapperSource(const OpRegistry& registry,
                                          const WrapperPlace& place);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_GEN_OPS_OP_WRAPPERS_H_
