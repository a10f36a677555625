#include "trellis/kernels/constant.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cuda/cuda.h"
#include "trellis/kernels/cuda/families.h"
#include "trellis/kernels/element_types.h"

namespace trellis {
namespace {

// What TensorFlow computes on the host wherever its node is placed.
void AddRange(KernelRegistry& registry) {
  const KernelOptions on_host = {.host_inputs = {0, 1, 2}, .host_outputs = {0}};
  registry.Add<RangeKernel<Cpu, float>>("Range", kGpu, kFloat32, on_host);
  registry.Add<RangeKernel<Cpu, double>>("Range", kGpu, kFloat64, on_host);
  registry.Add<RangeKernel<Cpu, int32_t>>("Range", kGpu, kInt32, on_host);
  registry.Add<RangeKernel<Cpu, int64_t>>("Range", kGpu, kInt64, on_host);
}

}  // namespace

void RegisterConstantCuda(KernelRegistry& registry) {
  AddMover<FillKernel, Cuda>(registry, "Fill", kGpu, {.host_inputs = {0}});
  AddMover<ZerosKernel, Cuda>(registry, "ZerosLike", kGpu);
  registry.Add<OnesKernel<Cuda, float>>("OnesLike", kGpu, kFloat32);
  registry.Add<OnesKernel<Cuda, double>>("OnesLike", kGpu, kFloat64);
  registry.Add<OnesKernel<Cuda, int32_t>>("OnesLike", kGpu, kInt32);
  registry.Add<OnesKernel<Cuda, int64_t>>("OnesLike", kGpu, kInt64);
  registry.Add<OnesKernel<Cuda, bool>>("OnesLike", kGpu, kBool);
  AddRange(registry);
}

}  // namespace trellis
