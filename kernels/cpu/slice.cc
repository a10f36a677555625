#include "trellis/kernels/slice.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/kernels/element_types.h"

namespace trellis {

void RegisterSliceCpu(KernelRegistry& registry) {
  AddMover<SliceKernel, Cpu>(registry, "Slice", kCpu,
                             {.host_inputs = {2}, .value_inputs = {1}});
  AddMover<PadKernel, Cpu>(registry, "Pad", kCpu, {.value_inputs = {1}});
}

}  // namespace trellis
