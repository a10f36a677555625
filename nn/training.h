// Loops over batches: training a graph, and measuring it.
//
//   TrainingStep step = {.feeds = {x, labels, rate}, .loss = loss,
//                        .accuracy = accuracy, .train = train};
//   TRELLIS_RETURN_IF_ERROR(Train(*session, step,
//       {.last_step = 3000, .examples_per_step = 100, .report = print},
//       [&](int64_t i, std::vector<Tensor>* feeds) { ... }));
//
// Where batches come from is the caller's: a function fills the feeds of each
// step. Tensors that it filled before come back and may be written again.
#ifndef TRELLIS_NN_TRAINING_H_
#define TRELLIS_NN_TRAINING_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/tensor.h"
#include "trellis/nn/progress.h"
#include "trellis/runtime/session.h"

namespace trellis::nn {

// Fills feeds[i] for the i-th of the fed tensors. An error ends the loop.
using NextBatch =
    std::function<absl::Status(int64_t step, std::vector<Tensor>* feeds)>;

// What is run in each step.
struct TrainingStep {
  std::vector<TensorRef> feeds;
  Output loss;           // float32 scalar
  Output accuracy = {};  // float32 scalar, or none
  Node* train = nullptr;
};

struct TrainingOptions {
  int64_t first_step = 0;  // steps that were done before
  int64_t last_step = 0;
  int64_t examples_per_step = 0;  // for the report
  int64_t report_every = 100;     // steps; the last one is reported, too
  std::function<void(const Progress&)> report = nullptr;
};

// Runs the steps first_step, ..., last_step - 1. InvalidArgument if
// report_every < 1; OutOfRange, with the step, if the loss is not finite; else
// what the session or the function says. Steps done until then stay done.
absl::Status Train(const Session& session, const TrainingStep& step,
                   const TrainingOptions& options, const NextBatch& next);

// Runs `batches` batches and returns, for each of the measures (float32
// scalars), its mean, weighted by the first dimension of the first feed.
absl::StatusOr<std::vector<double>> Evaluate(
    const Session& session, const std::vector<TensorRef>& feeds,
    const std::vector<Output>& measures, int64_t batches,
    const NextBatch& next);

}  // namespace trellis::nn

#endif  // TRELLIS_NN_TRAINING_H_
