#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/graph/tensor.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {
namespace {

class AssertKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    const int64_t summarize = c.attr<int64_t>("summarize");
    limit_ = static_cast<int>(
        summarize < 0 || summarize > INT32_MAX ? INT32_MAX : summarize);
    for (int i = 1; i < c.num_inputs(); ++i) {
      dtypes_.push_back(c.input_dtype(i));
      shapes_.push_back(c.input_shape(i));
    }
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    if (*c.input<bool>(0)) return absl::OkStatus();
    std::string message = "assertion failed:";
    for (size_t i = 0; i < dtypes_.size(); ++i) {
      void* data = const_cast<char*>(c.input<char>(static_cast<int>(i) + 1));
      absl::StrAppend(
          &message, " [",
          Tensor::BorrowBytes(data, dtypes_[i], shapes_[i]).ToString(limit_),
          "]");
    }
    return absl::InvalidArgumentError(message);
  }

 private:
  int limit_ = 0;
  std::vector<DType> dtypes_;
  std::vector<Shape> shapes_;
};

}  // namespace

void RegisterControlCpu(KernelRegistry& registry) {
  registry.Add<AssertKernel>("Assert", kCpu, kInvalid);
}

}  // namespace trellis
