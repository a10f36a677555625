// Every op of the project, for programs that do not choose.
#ifndef TRELLIS_OPS_ALL_H_
#define TRELLIS_OPS_ALL_H_

#include "trellis/graph/op_schema.h"

namespace trellis {

// REQUIRES: the registry has none of these ops.
void RegisterAllOps(OpRegistry& registry);

}  // namespace trellis

#endif  // TRELLIS_OPS_ALL_H_
