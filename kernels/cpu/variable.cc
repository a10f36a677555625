// Both flavours of variables; the kernels do not see which.
#include "trellis/kernels/variable.h"

#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/kernels/element_types.h"

namespace trellis {
namespace {

template <typename T>
void AddUpdates(KernelRegistry& registry) {
  const DType dtype = DTypeOf<T>;
  registry.Add<UpdateKernel<Cpu, T, 1>>("AssignAdd", kCpu, dtype);
  registry.Add<UpdateKernel<Cpu, T, -1>>("AssignSub", kCpu, dtype);
  registry.Add<UpdateKernel<Cpu, T, 1>>("AssignAddVariableOp", kCpu, dtype);
  registry.Add<UpdateKernel<Cpu, T, -1>>("AssignSubVariableOp", kCpu, dtype);
}

}  // namespace

void RegisterVariableCpu(KernelRegistry& registry) {
  AddMover<AssignKernel, Cpu>(registry, "Assign", kCpu);
  AddMover<AssignKernel, Cpu>(registry, "AssignVariableOp", kCpu);
  AddUpdates<float>(registry);
  AddUpdates<double>(registry);
  AddUpdates<int32_t>(registry);
  AddUpdates<int64_t>(registry);
  registry.Add<IsInitializedKernel>("IsVariableInitialized", kCpu, kInvalid);
  registry.Add<IsInitializedKernel>("VarIsInitializedOp", kCpu, kInvalid);
  registry.Add<VariableShapeKernel<int32_t>>("VariableShape", kCpu, kInt32);
  registry.Add<VariableShapeKernel<int64_t>>("VariableShape", kCpu, kInt64);
}

}  // namespace trellis
