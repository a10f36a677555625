#include "trellis/kernels/all_cpu.h"

#include "trellis/kernels/cpu/families.h"

namespace trellis {

void RegisterAllCpu(KernelRegistry& registry) {
  RegisterAddNCpu(registry);
  RegisterBiasCpu(registry);
  RegisterBinaryCpu(registry);
  RegisterBroadcastCpu(registry);
  RegisterCastCpu(registry);
  RegisterCompareCpu(registry);
  RegisterConcatCpu(registry);
  RegisterConstantCpu(registry);
  RegisterControlCpu(registry);
  RegisterGatherCpu(registry);
  RegisterIdentityCpu(registry);
  RegisterMatMulCpu(registry);
  RegisterOptimizerCpu(registry);
  RegisterRandomCpu(registry);
  RegisterReduceCpu(registry);
  RegisterSaveRestoreCpu(registry);
  RegisterSelectCpu(registry);
  RegisterShapeCpu(registry);
  RegisterSliceCpu(registry);
  RegisterSoftmaxCpu(registry);
  RegisterStridedSliceCpu(registry);
  RegisterStringCpu(registry);
  RegisterTileCpu(registry);
  RegisterTransposeCpu(registry);
  RegisterUnaryCpu(registry);
  RegisterVariableCpu(registry);
  RegisterWhereCpu(registry);
}

}  // namespace trellis
