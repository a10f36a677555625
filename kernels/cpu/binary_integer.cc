#include "trellis/kernels/cpu/binary_integer.h"

#include <string>

#include "trellis/kernels/binary.h"
#include "trellis/kernels/cpu/cpu.h"

namespace trellis {

void RegisterIntegerBinaryCpu(KernelRegistry& registry) {
  AddIntegerBinaryKernels<Cpu, int32_t>(registry, kCpu);
  AddIntegerBinaryKernels<Cpu, int64_t>(registry, kCpu);
  registry.Add<ElementWiseKernel<Cpu, AddFn<std::string>>>("Add", kCpu,
                                                           kString);
}

}  // namespace trellis
