// The parts of the family reduce that are compiled apart, to be done sooner.
#ifndef TRELLIS_KERNELS_CPU_REDUCE_PARTS_H_
#define TRELLIS_KERNELS_CPU_REDUCE_PARTS_H_

#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {

// Reductions of integers and truth values.
void RegisterIntegerReduceCpu(KernelRegistry& registry);

// ArgMax and ArgMin.
void RegisterArgReduceCpu(KernelRegistry& registry);

}  // namespace trellis

#endif  // TRELLIS_KERNELS_CPU_REDUCE_PARTS_H_
