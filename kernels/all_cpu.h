// Every CPU kernel of the project, for programs that do not choose.
#ifndef TRELLIS_KERNELS_ALL_CPU_H_
#define TRELLIS_KERNELS_ALL_CPU_H_

#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {

void RegisterAllCpu(KernelRegistry& registry);

}  // namespace trellis

#endif  // TRELLIS_KERNELS_ALL_CPU_H_
