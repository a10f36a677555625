#include "trellis/kernels/where.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/kernels/element_types.h"

namespace trellis {
namespace {

template <typename Device, typename T>
using OneHotBy8 = OneHotKernel<Device, T, uint8_t>;
template <typename Device, typename T>
using OneHotBy32 = OneHotKernel<Device, T, int32_t>;
template <typename Device, typename T>
using OneHotBy64 = OneHotKernel<Device, T, int64_t>;

}  // namespace

void RegisterWhereCpu(KernelRegistry& registry) {
  registry.Add<WhereKernel<bool>>("Where", kCpu, kBool);
  registry.Add<WhereKernel<float>>("Where", kCpu, kFloat32);
  registry.Add<WhereKernel<double>>("Where", kCpu, kFloat64);
  registry.Add<WhereKernel<int32_t>>("Where", kCpu, kInt32);
  registry.Add<WhereKernel<int64_t>>("Where", kCpu, kInt64);
  registry.Add<WhereKernel<uint8_t>>("Where", kCpu, kUint8);
  AddMover<OneHotBy8, Cpu>(registry, "OneHot", kCpu,
                           {.types = {{"TI", kUint8}}, .host_inputs = {1}});
  AddMover<OneHotBy32, Cpu>(registry, "OneHot", kCpu,
                            {.types = {{"TI", kInt32}}, .host_inputs = {1}});
  AddMover<OneHotBy64, Cpu>(registry, "OneHot", kCpu,
                            {.types = {{"TI", kInt64}}, .host_inputs = {1}});
}

}  // namespace trellis
