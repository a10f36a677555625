#include "trellis/kernels/binary.h"

#include "trellis/kernels/cpu/binary_integer.h"
#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"

namespace trellis {

void RegisterBinaryCpu(KernelRegistry& registry) {
  AddFloatBinaryKernels<Cpu, float>(registry, kCpu);
  AddFloatBinaryKernels<Cpu, double>(registry, kCpu);
  RegisterIntegerBinaryCpu(registry);
}

}  // namespace trellis
