#include "trellis/kernels/concat.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/kernels/element_types.h"

namespace trellis {

void RegisterConcatCpu(KernelRegistry& registry) {
  AddMover<ConcatKernel, Cpu>(registry, "ConcatV2", kCpu,
                              {.value_inputs = {1}});
  AddMover<PackKernel, Cpu>(registry, "Pack", kCpu);
  AddMover<UnpackKernel, Cpu>(registry, "Unpack", kCpu);
  AddMover<SplitKernel, Cpu>(registry, "Split", kCpu, {.value_inputs = {0}});
  AddMover<SplitVKernel, Cpu>(registry, "SplitV", kCpu,
                              {.value_inputs = {1, 2}});
  registry.Add<ConcatOffsetKernel>("ConcatOffset", kCpu, kInvalid);
}

}  // namespace trellis
