#include "trellis/kernels/gather.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/kernels/element_types.h"

namespace trellis {
namespace {

template <typename Device, typename T>
using GatherBy32 = GatherKernel<Device, T, int32_t>;
template <typename Device, typename T>
using GatherBy64 = GatherKernel<Device, T, int64_t>;
template <typename Device, typename T>
using Stitch = DynamicStitchKernel<T>;

template <typename T, typename Index>
void AddSegmentSum(KernelRegistry& registry) {
  registry.Add<UnsortedSegmentSumKernel<Cpu, T, Index>>(
      "UnsortedSegmentSum", kCpu, DTypeOf<T>,
      {.types = {{"Tindices", DTypeOf<Index>}}, .host_inputs = {2}});
}

}  // namespace

void RegisterGatherCpu(KernelRegistry& registry) {
  const KernelOptions by32 = {.types = {{"Tindices", kInt32}}};
  const KernelOptions by64 = {.types = {{"Tindices", kInt64}}};
  AddMover<GatherBy32, Cpu>(registry, "Gather", kCpu, by32);
  AddMover<GatherBy64, Cpu>(registry, "Gather", kCpu, by64);
  KernelOptions options = by32;
  options.value_inputs = {2};
  AddMover<GatherBy32, Cpu>(registry, "GatherV2", kCpu, options);
  options = by64;
  options.value_inputs = {2};
  AddMover<GatherBy64, Cpu>(registry, "GatherV2", kCpu, options);
  AddSegmentSum<float, int32_t>(registry);
  AddSegmentSum<float, int64_t>(registry);
  AddSegmentSum<double, int32_t>(registry);
  AddSegmentSum<double, int64_t>(registry);
  AddSegmentSum<int32_t, int32_t>(registry);
  AddSegmentSum<int32_t, int64_t>(registry);
  AddSegmentSum<int64_t, int32_t>(registry);
  AddSegmentSum<int64_t, int64_t>(registry);
  AddMover<Stitch, Cpu>(registry, "DynamicStitch", kCpu);
}

}  // namespace trellis
