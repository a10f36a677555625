// Copies, for the ops that are views (OpSchema::view_of).
#include "trellis/kernels/copy.h"
#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/kernels/element_types.h"

namespace trellis {

void RegisterIdentityCpu(KernelRegistry& registry) {
  AddMover<CopyKernel, Cpu>(registry, "Identity", kCpu);
  AddMover<CopyKernel, Cpu>(registry, "StopGradient", kCpu);
  AddMover<CopyKernel, Cpu>(registry, "PreventGradient", kCpu);
  AddMover<CopyKernel, Cpu>(registry, "PlaceholderWithDefault", kCpu);
  AddMover<CopyKernel, Cpu>(registry, "Reshape", kCpu);
  AddMover<CopyKernel, Cpu>(registry, "ExpandDims", kCpu);
  AddMover<CopyKernel, Cpu>(registry, "Squeeze", kCpu);
  AddMover<CopyKernel, Cpu>(registry, "ReadVariableOp", kCpu);
}

}  // namespace trellis
