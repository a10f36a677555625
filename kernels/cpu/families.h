// The families of CPU kernels, each registrable alone, named as in
// ops/families.h. RegisterAllCpu (kernels/all_cpu.h) is all of them.
#ifndef TRELLIS_KERNELS_CPU_FAMILIES_H_
#define TRELLIS_KERNELS_CPU_FAMILIES_H_

#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {

void RegisterAddNCpu(KernelRegistry& registry);
void RegisterBiasCpu(KernelRegistry& registry);
void RegisterBinaryCpu(KernelRegistry& registry);
void RegisterBroadcastCpu(KernelRegistry& registry);
void RegisterCastCpu(KernelRegistry& registry);
void RegisterCompareCpu(KernelRegistry& registry);
void RegisterConcatCpu(KernelRegistry& registry);
void RegisterConstantCpu(KernelRegistry& registry);
void RegisterControlCpu(KernelRegistry& registry);
void RegisterGatherCpu(KernelRegistry& registry);
void RegisterIdentityCpu(KernelRegistry& registry);
void RegisterMatMulCpu(KernelRegistry& registry);
void RegisterOptimizerCpu(KernelRegistry& registry);
void RegisterRandomCpu(KernelRegistry& registry);
void RegisterReduceCpu(KernelRegistry& registry);
void RegisterSaveRestoreCpu(KernelRegistry& registry);
void RegisterSelectCpu(KernelRegistry& registry);
void RegisterShapeCpu(KernelRegistry& registry);
void RegisterSliceCpu(KernelRegistry& registry);
void RegisterSoftmaxCpu(KernelRegistry& registry);
void RegisterStridedSliceCpu(KernelRegistry& registry);
void RegisterStringCpu(KernelRegistry& registry);
void RegisterTileCpu(KernelRegistry& registry);
void RegisterTransposeCpu(KernelRegistry& registry);
void RegisterUnaryCpu(KernelRegistry& registry);
void RegisterVariableCpu(KernelRegistry& registry);
void RegisterWhereCpu(KernelRegistry& registry);

}  // namespace trellis

#endif  // TRELLIS_KERNELS_CPU_FAMILIES_H_
