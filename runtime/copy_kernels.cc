#include "trellis/runtime/copy_kernels.h"

#include <cstring>

#include "trellis/base/status_macros.h"
#include "trellis/runtime/kernel/run_context.h"
#include "trellis/runtime/run_state.h"

namespace trellis {

absl::Status HostCopy::Run(RunContext& c) const {
  if (bytes_ > 0) std::memcpy(c.output<char>(0), c.input<char>(0), bytes_);
  return absl::OkStatus();
}

absl::Status CopyFromHost::Run(RunContext& c) const {
  return device_.CopyFromHost(*c.stream(), c.step(), c.output<char>(0),
                              c.input<char>(0), bytes_);
}

absl::Status CopyOnDevice::Run(RunContext& c) const {
  return device_.CopyOnDevice(*c.stream(), c.step(), c.output<char>(0),
                              c.input<char>(0), bytes_);
}

absl::Status CopyToHost::Run(RunContext& c) const {
  TRELLIS_RETURN_IF_ERROR(device_.CopyToHost(
      *c.stream(), c.step(), c.output<char>(0), c.input<char>(0), bytes_));
  c.state().points()[point_] = c.stream()->Record();
  return absl::OkStatus();
}

absl::Status WaitForPoint::Run(RunContext& c) const {
  return c.stream()->WaitFor(c.state().points()[point_]);
}

}  // namespace trellis
