#include "trellis/kernels/tile.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/kernels/element_types.h"

namespace trellis {

void RegisterTileCpu(KernelRegistry& registry) {
  AddMover<TileKernel, Cpu>(registry, "Tile", kCpu, {.host_inputs = {1}});
  AddMover<BroadcastToKernel, Cpu>(registry, "BroadcastTo", kCpu,
                                   {.host_inputs = {1}});
}

}  // namespace trellis
