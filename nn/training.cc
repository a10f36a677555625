#include "trellis/nn/training.h"

#include <chrono>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"

namespace trellis::nn {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Sums since the last report.
struct Window {
  int64_t steps = 0;
  double loss = 0;
  double accuracy = 0;
  Clock::time_point start = Clock::now();
};

Progress ProgressOf(const Window& window, int64_t done,
                    const TrainingOptions& options, bool has_accuracy) {
  const double seconds = SecondsSince(window.start);
  const double rate = seconds > 0 ? window.steps / seconds : 0;
  const int64_t left = options.last_step - done;
  return {.step = done,
          .last_step = options.last_step,
          .loss = window.loss / window.steps,
          .accuracy = has_accuracy ? window.accuracy / window.steps : -1,
          .examples_per_second = rate * options.examples_per_step,
          .seconds_left = rate > 0 ? left / rate : 0};
}

}  // namespace

absl::Status Train(const Session& session, const TrainingStep& step,
                   const TrainingOptions& options, const NextBatch& next) {
  if (options.report_every < 1) {
    return absl::InvalidArgumentError("report_every must be at least 1");
  }
  const bool has_accuracy = static_cast<bool>(step.accuracy);
  Fetches fetches = {step.loss};
  if (has_accuracy) fetches.push_back(step.accuracy);
  TRELLIS_ASSIGN_OR_RETURN(
      const Callable callable,
      session.MakeCallable(step.feeds, fetches, {step.train}));

  std::vector<Tensor> feeds(step.feeds.size());
  std::vector<Tensor> results;
  Window window;
  for (int64_t i = options.first_step; i < options.last_step; ++i) {
    TRELLIS_RETURN_IF_ERROR(next(i, &feeds));
    TRELLIS_RETURN_IF_ERROR(callable.Run(feeds, &results));
    const float loss = results[0].scalar<float>();
    if (!std::isfinite(loss)) {
      return absl::OutOfRangeError(
          absl::StrCat("step ", i, ": ", step.loss.name(), " is ", loss));
    }
    ++window.steps;
    window.loss += loss;
    if (has_accuracy) window.accuracy += results[1].scalar<float>();
    const int64_t done = i + 1;
    if (options.report != nullptr &&
        (done % options.report_every == 0 || done == options.last_step)) {
      options.report(ProgressOf(window, done, options, has_accuracy));
      window = Window();
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<double>> Evaluate(
    const Session& session, const std::vector<TensorRef>& feeds,
    const std::vector<Output>& measures, int64_t batches,
    const NextBatch& next) {
  TRELLIS_ASSIGN_OR_RETURN(
      const Callable callable,
      session.MakeCallable(feeds, Fetches(measures.begin(), measures.end())));
  std::vector<Tensor> fed(feeds.size());
  std::vector<Tensor> results;
  std::vector<double> means(measures.size());
  double examples = 0;
  for (int64_t i = 0; i < batches; ++i) {
    TRELLIS_RETURN_IF_ERROR(next(i, &fed));
    TRELLIS_RETURN_IF_ERROR(callable.Run(fed, &results));
    const double weight =
        !fed.empty() && fed[0].shape().rank() > 0 ? fed[0].shape().dim(0) : 1;
    examples += weight;
    for (size_t m = 0; m < means.size(); ++m) {
      means[m] += weight * results[m].scalar<float>();
    }
  }
  for (double& mean : means) mean /= examples;
  return means;
}

}  // namespace trellis::nn
