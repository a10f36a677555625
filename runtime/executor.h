// The walk over a plan's steps.
#ifndef TRELLIS_RUNTIME_EXECUTOR_H_
#define TRELLIS_RUNTIME_EXECUTOR_H_

#include <atomic>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "trellis/base/team.h"
#include "trellis/runtime/run_state.h"

namespace trellis {

// When each step ran, in nanoseconds of RunContext::Now(). On an asynchronous
// device: when it was enqueued.
struct StepTime {
  int64_t start = 0;
  int64_t end = 0;
};

struct ExecuteOptions {
  const std::atomic<bool>* cancelled = nullptr;
  int64_t deadline = RunContext::kNoDeadline;
  // Filled, one entry per step, if given.
  std::vector<StepTime>* times = nullptr;
};

// Runs every step in order in the calling thread; kernels spread their tiles
// over `team`; at the end waits for the streams. The first error stops the run
// and says which node; Cancelled and DeadlineExceeded say where the run was.
// REQUIRES: state.data() holds the addresses of feeds, fetches, arenas and
// variables.
absl::Status Execute(RunState& state, Team& team,
                     const ExecuteOptions& options);

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_EXECUTOR_H_
