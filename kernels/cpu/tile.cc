#include "trellis/kernels/tile.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"

namespace trellis {

void RegisterTileCpu(KernelRegistry& registry) {
  AddTileKernels<Cpu>(registry, kCpu);
}

}  // namespace trellis
