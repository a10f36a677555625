#include <string>
#include <vector>

#include "absl/status/status.h"
#include "trellis/graph/tensor.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {
namespace {

class StringJoinKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    separator_ = c.attr<std::string>("separator");
    n_ = c.output_shape(0).num_elements();
    for (int i = 0; i < c.num_inputs(); ++i) {
      scalar_.push_back(c.input_shape(i).rank() == 0);
    }
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    std::string* y = c.output<std::string>(0);
    for (int64_t i = 0; i < n_; ++i) {
      std::string joined;
      for (size_t k = 0; k < scalar_.size(); ++k) {
        if (k > 0) joined += separator_;
        joined += c.input<std::string>(static_cast<int>(k))[scalar_[k] ? 0 : i];
      }
      y[i] = std::move(joined);
    }
    return absl::OkStatus();
  }

 private:
  std::string separator_;
  int64_t n_ = 0;
  std::vector<bool> scalar_;
};

}  // namespace

void RegisterStringCpu(KernelRegistry& registry) {
  registry.Add<StringJoinKernel>("StringJoin", kCpu, kInvalid);
}

}  // namespace trellis
