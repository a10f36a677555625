#include "trellis/kernels/tile.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/kernels/element_types.h"

namespace trellis {

void RegisterTileCpu(KernelRegistry& registry) {
  AddMover<TileKernel, Cpu>(registry, "Tile", kCpu);
  AddMover<BroadcastToKernel, Cpu>(registry, "BroadcastTo", kCpu);
}

}  // namespace trellis
