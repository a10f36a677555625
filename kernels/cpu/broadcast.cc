#include "trellis/kernels/broadcast.h"

#include "trellis/kernels/cpu/families.h"

namespace trellis {

void RegisterBroadcastCpu(KernelRegistry& registry) {
  registry.Add<BroadcastGradientArgsKernel<int32_t>>("BroadcastGradientArgs",
                                                     kCpu, kInt32);
  registry.Add<BroadcastGradientArgsKernel<int64_t>>("BroadcastGradientArgs",
                                                     kCpu, kInt64);
}

}  // namespace trellis
