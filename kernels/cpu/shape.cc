#include "trellis/kernels/shape.h"

#include "trellis/kernels/cpu/families.h"
#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {

void RegisterShapeCpu(KernelRegistry& registry) {
  for (const char* op : {"Shape", "ShapeN"}) {
    registry.Add<ShapeKernel<int32_t>>(op, kCpu, kInvalid,
                                       {.types = {{"out_type", kInt32}}});
    registry.Add<ShapeKernel<int64_t>>(op, kCpu, kInvalid,
                                       {.types = {{"out_type", kInt64}}});
  }
  registry.Add<SizeKernel<int32_t>>("Size", kCpu, kInvalid,
                                    {.types = {{"out_type", kInt32}}});
  registry.Add<SizeKernel<int64_t>>("Size", kCpu, kInvalid,
                                    {.types = {{"out_type", kInt64}}});
  registry.Add<RankKernel>("Rank", kCpu, kInvalid);
}

}  // namespace trellis
