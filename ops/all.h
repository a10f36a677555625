// Every op of the project, for programs that do not choose.
#ifndef TRELLIS_OPS_ALL_H_
#define TRELLIS_OPS_ALL_H_

#include "absl/types/span.h"
#include "trellis/graph/op_schema.h"
#include "trellis/ops/families.h"

namespace trellis {

// By name.
absl::Span<const OpFamily> OpFamilies();

// REQUIRES: the registry has none of these ops.
void RegisterAllOps(OpRegistry& registry);

}  // namespace trellis

#endif  // TRELLIS_OPS_ALL_H_
