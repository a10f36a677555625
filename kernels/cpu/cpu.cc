#include "trellis/kernels/cpu/cpu.h"

#include "trellis/base/team.h"

namespace trellis {

absl::Status Cpu::ForRanges(
    RunContext& c, int64_t n, int64_t grain,
    absl::FunctionRef<void(int64_t begin, int64_t end)> fn) {
  if (n <= grain) {
    if (n > 0) fn(0, n);
    return absl::OkStatus();
  }
  ForRange(c.team(), n, grain, [&](int64_t begin, int64_t end) {
    if (!c.cancelled()) fn(begin, end);
  });
  if (c.cancelled()) return absl::CancelledError("the run was cancelled");
  return absl::OkStatus();
}

}  // namespace trellis
