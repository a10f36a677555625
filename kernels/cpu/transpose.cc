#include "trellis/kernels/transpose.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/kernels/element_types.h"

namespace trellis {

void RegisterTransposeCpu(KernelRegistry& registry) {
  AddMover<TransposeKernel, Cpu>(registry, "Transpose", kCpu,
                                 {.value_inputs = {1}});
  registry.Add<InvertPermutationKernel<int32_t>>("InvertPermutation", kCpu,
                                                 kInt32);
  registry.Add<InvertPermutationKernel<int64_t>>("InvertPermutation", kCpu,
                                                 kInt64);
}

}  // namespace trellis
