#include "trellis/kernels/concat.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/kernels/element_types.h"

namespace trellis {

absl::Status ConcatOffsetKernel::Run(RunContext& c) const {
  int64_t axis = *c.input<int32_t>(0);
  if (axis < -rank_ || axis >= rank_) {
    return absl::InvalidArgumentError(
        absl::StrCat("axis ", axis, " is not in [", -rank_, ", ", rank_, ")"));
  }
  if (axis < 0) axis += rank_;
  const int32_t* first = c.input<int32_t>(1);
  int32_t offset = 0;
  for (int i = 0; i < num_shapes_; ++i) {
    const int32_t* shape = c.input<int32_t>(i + 1);
    int32_t* y = c.output<int32_t>(i);
    for (int d = 0; d < rank_; ++d) {
      y[d] = d == axis ? offset : 0;
      if (d != axis && shape[d] != first[d]) {
        return absl::InvalidArgumentError(
            absl::StrCat("dimension ", d, " of shape ", i, " is ", shape[d],
                         ", must be ", first[d], " as in the first"));
      }
    }
    if (__builtin_add_overflow(offset, shape[axis], &offset)) {
      return absl::InvalidArgumentError("the offsets do not fit into 32 bits");
    }
  }
  return absl::OkStatus();
}

void RegisterConcatCpu(KernelRegistry& registry) {
  AddMover<ConcatKernel, Cpu>(registry, "ConcatV2", kCpu,
                              {.value_inputs = {1}});
  AddMover<PackKernel, Cpu>(registry, "Pack", kCpu);
  AddMover<UnpackKernel, Cpu>(registry, "Unpack", kCpu);
  AddMover<SplitKernel, Cpu>(registry, "Split", kCpu, {.value_inputs = {0}});
  AddMover<SplitVKernel, Cpu>(registry, "SplitV", kCpu,
                              {.value_inputs = {1, 2}});
  registry.Add<ConcatOffsetKernel>("ConcatOffset", kCpu, kInvalid);
}

}  // namespace trellis
