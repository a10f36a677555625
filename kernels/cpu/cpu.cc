#include "trellis/kernels/cpu/cpu.h"

#include <atomic>

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

absl::Status Cpu::ForRangesChecked(
    RunContext& c, int64_t n, int64_t grain,
    absl::FunctionRef<int64_t(int64_t begin, int64_t end)> first_failure,
    absl::FunctionRef<absl::Status(int64_t i)> error) {
  std::atomic<int64_t> failure = n;
  const absl::Status done =
      ForRanges(c, n, grain, [&](int64_t begin, int64_t end) {
        const int64_t i = first_failure(begin, end);
        if (i == end) return;
        int64_t first = failure.load(std::memory_order_relaxed);
        while (i < first && !failure.compare_exchange_weak(first, i)) {
        }
      });
  if (!done.ok()) return done;
  const int64_t first = failure.load(std::memory_order_relaxed);
  return first == n ? absl::OkStatus() : error(first);
}

}  // namespace trellis
