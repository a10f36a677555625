// Copies, for the ops that are views (OpSchema::view_of).
#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "trellis/kernels/copy.h"
#include "trellis/kernels/cpu/cpu.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {
namespace {

// Output i = input i, of any types.
class IdentityNKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    for (int i = 0; i < c.num_inputs(); ++i) {
      values_.push_back(
          {.dtype = c.input_dtype(i), .n = c.input_shape(i).num_elements()});
    }
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    for (int i = 0; i < static_cast<int>(values_.size()); ++i) {
      const Value& value = values_[i];
      if (value.dtype == kString) {
        std::copy_n(c.input<std::string>(i), value.n, c.output<std::string>(i));
      } else {
        std::copy_n(c.input<char>(i), value.n * DTypeSize(value.dtype),
                    c.output<char>(i));
      }
    }
    return absl::OkStatus();
  }

 private:
  struct Value {
    DType dtype;
    int64_t n;
  };
  std::vector<Value> values_;
};

}  // namespace

void RegisterIdentityCpu(KernelRegistry& registry) {
  AddCopyKernels<Cpu>(registry, kCpu);
  registry.Add<IdentityNKernel>("IdentityN", kCpu, kInvalid);
}

}  // namespace trellis
