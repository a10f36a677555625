// The families of ops, each registrable alone: a program that needs few ops
// links few. RegisterAllOps (all.h) is all of them.
//
// Each of these adds its family's schemas; none may be called twice for a
// registry. The function lives in the library of the family: //ops:unary.
#ifndef TRELLIS_OPS_FAMILIES_H_
#define TRELLIS_OPS_FAMILIES_H_

#include "trellis/graph/op_schema.h"

namespace trellis {

void RegisterAddNOps(OpRegistry& registry);
void RegisterBiasOps(OpRegistry& registry);
void RegisterBinaryOps(OpRegistry& registry);
void RegisterBroadcastOps(OpRegistry& registry);
void RegisterCastOps(OpRegistry& registry);
void RegisterCompareOps(OpRegistry& registry);
void RegisterMatMulOps(OpRegistry& registry);
void RegisterReduceOps(OpRegistry& registry);
void RegisterSelectOps(OpRegistry& registry);
void RegisterSoftmaxOps(OpRegistry& registry);
void RegisterUnaryOps(OpRegistry& registry);

}  // namespace trellis

#endif  // TRELLIS_OPS_FAMILIES_H_
