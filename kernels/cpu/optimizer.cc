#include "trellis/kernels/optimizer.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/runtime/kernel/kernel_registry.h"

namespace trellis {
namespace {

template <typename T>
void AddOptimizers(KernelRegistry& registry) {
  const DType dtype = DTypeOf<T>;
  for (const char* op :
       {"ApplyGradientDescent", "ResourceApplyGradientDescent"}) {
    registry.Add<ApplyGradientDescentKernel<Cpu, T>>(op, kCpu, dtype);
  }
  for (const char* op : {"ApplyMomentum", "ResourceApplyMomentum"}) {
    registry.Add<ApplyMomentumKernel<Cpu, T>>(op, kCpu, dtype);
  }
  for (const char* op : {"ApplyAdam", "ResourceApplyAdam"}) {
    registry.Add<ApplyAdamKernel<Cpu, T>>(op, kCpu, dtype);
  }
}

}  // namespace

void RegisterOptimizerCpu(KernelRegistry& registry) {
  AddOptimizers<float>(registry);
  AddOptimizers<double>(registry);
}

}  // namespace trellis
