// Every op of the project, for programs that do not choose.
#ifndef TRELLIS_OPS_ALL_H_
#define TRELLIS_OPS_ALL_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "trellis/graph/op_schema.h"

namespace trellis {

// A family of ops (families.h) under the name it has in all rooms, "matmul".
struct OpFamily {
  absl::string_view name;
  void (*add)(OpRegistry& registry);
};

// By name.
absl::Span<const OpFamily> OpFamilies();

// REQUIRES: the registry has none of these ops.
void RegisterAllOps(OpRegistry& registry);

}  // namespace trellis

#endif  // TRELLIS_OPS_ALL_H_
