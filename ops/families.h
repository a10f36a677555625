// The families of ops, each registrable alone: a program that needs few ops
// links few. RegisterAllOps (all.h) is all of them.
//
// Each of these adds its family's schemas; none may be called twice for a
// registry. The function lives in the library of the family: //ops:unary.
#ifndef TRELLIS_OPS_FAMILIES_H_
#define TRELLIS_OPS_FAMILIES_H_

#include "absl/strings/string_view.h"
#include "trellis/graph/op_schema.h"

namespace trellis {

// A family under the name it has in all rooms, "matmul".
struct OpFamily {
  absl::string_view name;
  void (*add)(OpRegistry& registry);
};

void RegisterAddNOps(OpRegistry& registry);
void RegisterBiasOps(OpRegistry& registry);
void RegisterBinaryOps(OpRegistry& registry);
void RegisterBroadcastOps(OpRegistry& registry);
void RegisterCastOps(OpRegistry& registry);
void RegisterCompareOps(OpRegistry& registry);
void RegisterConcatOps(OpRegistry& registry);
void RegisterConstantOps(OpRegistry& registry);
void RegisterControlOps(OpRegistry& registry);
void RegisterGatherOps(OpRegistry& registry);
void RegisterIdentityOps(OpRegistry& registry);
void RegisterMatMulOps(OpRegistry& registry);
void RegisterOptimizerOps(OpRegistry& registry);
void RegisterPlaceholderOps(OpRegistry& registry);
void RegisterRandomOps(OpRegistry& registry);
void RegisterReduceOps(OpRegistry& registry);
void RegisterReshapeOps(OpRegistry& registry);
void RegisterResourceVariableOps(OpRegistry& registry);
void RegisterSaveRestoreOps(OpRegistry& registry);
void RegisterSelectOps(OpRegistry& registry);
void RegisterShapeOps(OpRegistry& registry);
void RegisterSliceOps(OpRegistry& registry);
void RegisterSoftmaxOps(OpRegistry& registry);
void RegisterStridedSliceOps(OpRegistry& registry);
void RegisterStringOps(OpRegistry& registry);
void RegisterTileOps(OpRegistry& registry);
void RegisterTransposeOps(OpRegistry& registry);
void RegisterUnaryOps(OpRegistry& registry);
void RegisterVariableOps(OpRegistry& registry);
void RegisterWhereOps(OpRegistry& registry);

}  // namespace trellis

#endif  // TRELLIS_OPS_FAMILIES_H_
