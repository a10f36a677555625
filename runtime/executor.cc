#include "trellis/runtime/executor.h"

#include <immintrin.h>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/runtime/prepared_node.h"

namespace trellis {
namespace {

// Denormal numbers count as zero during a run (they are some hundred times
// slower, and TensorFlow does the same); the Team passes the mode on to its
// workers.
class FlushDenormals {
 public:
  FlushDenormals() : saved_(_mm_getcsr()) {
    _mm_setcsr(saved_ | _MM_FLUSH_ZERO_ON | kDenormalsAreZero);
  }
  ~FlushDenormals() { _mm_setcsr(saved_); }

 private:
  static constexpr unsigned kDenormalsAreZero = 0x40;
  const unsigned saved_;
};

absl::Status Stopped(const ExecuteOptions& options, const Node& node) {
  if (options.cancelled->load(std::memory_order_relaxed)) {
    return absl::CancelledError(
        absl::StrCat("the run was cancelled at ", node.DebugName()));
  }
  return absl::DeadlineExceededError(
      absl::StrCat("the run passed its deadline at ", node.DebugName()));
}

// A late error names the step that made it, not the one that noticed.
absl::Status StepError(const RunState& state, const Step& step,
                       const absl::Status& status) {
  const Plan& plan = state.plan();
  const Node* node = step.node;
  if (step.stream >= 0) {
    const int failed =
        const_cast<RunState&>(state).streams()[step.stream]->failed_step();
    if (failed >= 0) node = plan.steps[failed].node;
  }
  // Shape functions and Prepare in dynamic steps have named it already.
  const std::string prefix = absl::StrCat(node->DebugName(), ": ");
  if (absl::string_view(status.message()).substr(0, prefix.size()) == prefix) {
    return status;
  }
  return AtNode(*node, status);
}

absl::Status Walk(RunState& state, RunContext& context,
                  const ExecuteOptions& options) {
  const Plan& plan = state.plan();
  const Step* steps = plan.steps.data();
  const int count = static_cast<int>(plan.steps.size());
  const std::unique_ptr<Stream>* streams = state.streams().data();
  for (int s = 0; s < count; ++s) {
    const Step& step = steps[s];
    if (context.cancelled()) return Stopped(options, *step.node);
    context.Bind(s, &step.operands,
                 step.stream < 0 ? nullptr : streams[step.stream].get());
    const absl::Status status = step.kernel->Run(context);
    if (!status.ok()) {
      return context.cancelled() ? Stopped(options, *step.node)
                                 : StepError(state, step, status);
    }
  }
  return absl::OkStatus();
}

absl::Status WalkTimed(RunState& state, RunContext& context,
                       const ExecuteOptions& options) {
  const Plan& plan = state.plan();
  options.times->assign(plan.steps.size(), {});
  for (size_t s = 0; s < plan.steps.size(); ++s) {
    const Step& step = plan.steps[s];
    if (context.cancelled()) return Stopped(options, *step.node);
    context.Bind(
        static_cast<int>(s), &step.operands,
        step.stream < 0 ? nullptr : state.streams()[step.stream].get());
    StepTime& time = (*options.times)[s];
    time.start = RunContext::Now();
    const absl::Status status = step.kernel->Run(context);
    time.end = RunContext::Now();
    if (!status.ok()) {
      return context.cancelled() ? Stopped(options, *step.node)
                                 : StepError(state, step, status);
    }
  }
  return absl::OkStatus();
}

// What is still on its way. Streams are empty and without error afterwards.
absl::Status Finish(RunState& state, absl::Status status) {
  for (auto& stream : state.streams()) {
    const absl::Status late = stream->WaitFor(stream->Record());
    if (status.ok() && !late.ok()) {
      const int failed = stream->failed_step();
      status =
          failed < 0 ? late : AtNode(*state.plan().steps[failed].node, late);
    }
    stream->Reset();
  }
  return status;
}

}  // namespace

absl::Status Execute(RunState& state, Team& team,
                     const ExecuteOptions& options) {
  static const std::atomic<bool> kNeverCancelled = false;
  ExecuteOptions complete = options;
  if (complete.cancelled == nullptr) complete.cancelled = &kNeverCancelled;
  FlushDenormals flush;
  RunContext context(state.tables(), team, *complete.cancelled,
                     complete.deadline, &state);
  absl::Status status = complete.times == nullptr
                            ? Walk(state, context, complete)
                            : WalkTimed(state, context, complete);
  if (state.streams().empty()) return status;
  return Finish(state, std::move(status));
}

}  // namespace trellis
