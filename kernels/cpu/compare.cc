#include "trellis/kernels/compare.h"

#include <string>

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"

namespace trellis {

void RegisterCompareCpu(KernelRegistry& registry) {
  AddCompareKernels<Cpu>(registry, kCpu);
  AddEqualityKernels<Cpu, std::string>(registry, kCpu);
}

}  // namespace trellis
