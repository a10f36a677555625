// The steps of a run: what each is fed, and what is kept of its results.
#ifndef TRELLIS_TOOLS_TRELLIS_STEPS_H_
#define TRELLIS_TOOLS_TRELLIS_STEPS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "trellis/graph/meta_graph.h"
#include "trellis/graph/tensor.h"
#include "trellis/runtime/session.h"
#include "trellis/tools/trellis/ends.h"
#include "trellis/tools/trellis/feeds.h"
#include "trellis/tools/trellis/flags.h"
#include "trellis/tools/trellis/row_batches.h"

namespace trellis {

// What --steps, --batch and --shuffle make of the fed arrays.
class StepFeeds {
 public:
  // InvalidArgument for flags that do not fit each other or the arrays.
  static absl::StatusOr<StepFeeds> Make(const Flags& flags,
                                        std::vector<FedArray> feeds);

  int64_t steps() const { return steps_; }
  bool is_batched() const { return batches_.has_value(); }
  // What is fed, in the order of the arrays.
  const std::vector<TensorRef>& tensors() const { return tensors_; }
  // The values of the next step. Lives until the next call.
  const std::vector<Tensor>& Next();

 private:
  int64_t steps_ = 1;
  bool one_epoch_ = false;
  std::vector<TensorRef> tensors_;
  std::vector<Tensor> values_;
  std::optional<RowBatches> batches_;
};

// Collects fetches over steps: of a fetch the last value, or, if `join` and the
// graph leaves its first dimension open, the values of all steps one after the
// other.
class StepResults {
 public:
  StepResults(absl::Span<const NamedTensor> fetches, bool join);

  // One value per fetch; takes them out of `values`.
  void Add(absl::Span<Tensor> values);
  // One value per fetch. InvalidArgument where values of a fetch differ in more
  // than the first dimension.
  absl::StatusOr<std::vector<Tensor>> Join() const;

 private:
  std::vector<std::string> names_;
  std::vector<bool> joined_;
  std::vector<std::vector<Tensor>> kept_;  // by fetch
};

// The value of the global step that the collection of this name says, nullopt
// if the graph has none, or one that is no integer.
absl::StatusOr<std::optional<int64_t>> GlobalStep(const Session& session,
                                                  const MetaGraph& meta);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_STEPS_H_
