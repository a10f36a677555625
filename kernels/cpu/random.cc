#include "trellis/kernels/random.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {
namespace {

template <typename T>
void AddRandom(KernelRegistry& registry) {
  const DType dtype = DTypeOf<T>;
  const KernelOptions shape = {.host_inputs = {0}};
  registry.Add<RandomKernel<Cpu, T, UniformDistribution>>("RandomUniform", kCpu,
                                                          dtype, shape);
  registry.Add<RandomKernel<Cpu, T, NormalDistribution>>("RandomStandardNormal",
                                                         kCpu, dtype, shape);
  registry.Add<RandomKernel<Cpu, T, TruncatedNormalDistribution>>(
      "TruncatedNormal", kCpu, dtype, shape);
}

}  // namespace

void RegisterRandomCpu(KernelRegistry& registry) {
  AddRandom<float>(registry);
  AddRandom<double>(registry);
  registry.Add<RandomUniformIntKernel<Cpu, int32_t>>(
      "RandomUniformInt", kCpu, kInt32, {.host_inputs = {0, 1, 2}});
  registry.Add<RandomUniformIntKernel<Cpu, int64_t>>(
      "RandomUniformInt", kCpu, kInt64, {.host_inputs = {0, 1, 2}});
}

}  // namespace trellis
