#include "trellis/runtime/kernel/run_context.h"

#include <chrono>
#include <utility>

#include "trellis/base/status_macros.h"

namespace trellis {

int64_t RunContext::Now() {
  return std::chrono::steady_clock::now().time_since_epoch() /
         std::chrono::nanoseconds(1);
}

absl::Status RunContext::AllocateOutput(int i, const Shape& shape) {
  TRELLIS_ASSIGN_OR_RETURN(Tensor value,
                           Tensor::Allocate(output_dtypes_[i], shape));
  SetOutput(i, std::move(value));
  return absl::OkStatus();
}

void RunContext::SetOutput(int i, Tensor value) {
  const uint32_t base = operands_->slots[operands_->num_inputs + i].base;
  tables_.data[base] = static_cast<char*>(value.data());
  tables_.owned[base] = std::move(value);
}

absl::Status RunContext::AllocateVariable(int i, DType dtype,
                                          const Shape& shape) {
  const uint32_t base = operands_->slots[i].base;
  TRELLIS_ASSIGN_OR_RETURN(Tensor value, Tensor::Allocate(dtype, shape));
  tables_.data[base] = static_cast<char*>(value.data());
  tables_.variables[base]->value = std::move(value);
  return absl::OkStatus();
}

}  // namespace trellis
