// The part of the family binary that is compiled apart, to be done sooner.
#ifndef TRELLIS_KERNELS_CPU_BINARY_INTEGER_H_
#define TRELLIS_KERNELS_CPU_BINARY_INTEGER_H_

#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {

// Arithmetic of integers, and of strings.
void RegisterIntegerBinaryCpu(KernelRegistry& registry);

}  // namespace trellis

#endif  // TRELLIS_KERNELS_CPU_BINARY_INTEGER_H_
