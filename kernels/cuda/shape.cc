// The families whose kernels are the host's: what they look at is in its memory
// or known when they are prepared.
#include "trellis/kernels/shape.h"

#include "trellis/kernels/broadcast.h"
#include "trellis/kernels/cuda/families.h"
#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {
namespace {

template <template <typename> class K>
void AddForBothOutTypes(KernelRegistry& registry, const char* op, DType dtype) {
  registry.Add<K<int32_t>>(
      op, kGpu, dtype, {.types = {{"out_type", kInt32}}, .host_outputs = {0}});
  registry.Add<K<int64_t>>(
      op, kGpu, dtype, {.types = {{"out_type", kInt64}}, .host_outputs = {0}});
}

}  // namespace

void RegisterShapeCuda(KernelRegistry& registry) {
  // Of all that a GPU's memory can hold.
  for (DType t :
       {kBool,   kInt8,     kUint8,  kQint8,   kQuint8,    kInt16,     kUint16,
        kHalf,   kBfloat16, kQint16, kQuint16, kFloat32,   kInt32,     kUint32,
        kQint32, kFloat64,  kInt64,  kUint64,  kComplex64, kComplex128}) {
    AddForBothOutTypes<ShapeKernel>(registry, "Shape", t);
    AddForBothOutTypes<ShapeKernel>(registry, "ShapeN", t);
    AddForBothOutTypes<SizeKernel>(registry, "Size", t);
    registry.Add<RankKernel>("Rank", kGpu, t, {.host_outputs = {0}});
  }
}

void RegisterBroadcastCuda(KernelRegistry& registry) {
  const KernelOptions on_host = {.host_inputs = {0, 1}, .host_outputs = {0, 1}};
  registry.Add<BroadcastGradientArgsKernel<int32_t>>("BroadcastGradientArgs",
                                                     kGpu, kInt32, on_host);
  registry.Add<BroadcastGradientArgsKernel<int64_t>>("BroadcastGradientArgs",
                                                     kGpu, kInt64, on_host);
}

}  // namespace trellis
