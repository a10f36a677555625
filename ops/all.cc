#include "trellis/ops/all.h"

#include "trellis/ops/families.h"

namespace trellis {

void RegisterAllOps(OpRegistry& registry) {
  RegisterAddNOps(registry);
  RegisterBiasOps(registry);
  RegisterBinaryOps(registry);
  RegisterBroadcastOps(registry);
  RegisterCastOps(registry);
  RegisterCompareOps(registry);
  RegisterMatMulOps(registry);
  RegisterReduceOps(registry);
  RegisterSelectOps(registry);
  RegisterSoftmaxOps(registry);
  RegisterUnaryOps(registry);
}

}  // namespace trellis
