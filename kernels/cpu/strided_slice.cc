#include "trellis/kernels/strided_slice.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/kernels/element_types.h"

namespace trellis {

void RegisterStridedSliceCpu(KernelRegistry& registry) {
  AddMover<StridedSliceKernel, Cpu>(registry, "StridedSlice", kCpu,
                                    {.value_inputs = {1, 2, 3}});
  AddMover<StridedSliceGradKernel, Cpu>(
      registry, "StridedSliceGrad", kCpu,
      {.host_inputs = {0}, .value_inputs = {1, 2, 3}});
}

}  // namespace trellis
