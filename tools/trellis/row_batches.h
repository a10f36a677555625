// Arrays cut into batches along their first axis.
#ifndef TRELLIS_TOOLS_TRELLIS_ROW_BATCHES_H_
#define TRELLIS_TOOLS_TRELLIS_ROW_BATCHES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "trellis/graph/tensor.h"

namespace trellis {

// Batches of equally many rows of several arrays, taken together. Scalars are
// given whole to every batch.
//
// The rows come in order, or with a seed in one that depends on seed, epoch and
// number of rows only; an epoch is over when every row was given once, and the
// next begins in the middle of a batch if need be. One thread at a time.
class RowBatches {
 public:
  // InvalidArgument if arrays have different numbers of rows, or fewer than a
  // batch.
  // REQUIRES: batch > 0.
  static absl::StatusOr<RowBatches> Make(std::vector<Tensor> arrays,
                                         int64_t batch,
                                         std::optional<int64_t> seed);

  int64_t rows() const { return rows_; }
  // How many batches give every row once, the last of them smaller maybe.
  int64_t batches_per_epoch() const { return (rows_ - 1) / batch_ + 1; }

  // The next batch, one tensor per array.
  std::vector<Tensor> Next() { return Take(batch_); }
  // What is left of the epoch, at most a batch.
  std::vector<Tensor> NextOfEpoch();

 private:
  RowBatches(std::vector<Tensor> arrays, int64_t rows, int64_t batch,
             std::optional<int64_t> seed);

  std::vector<Tensor> Take(int64_t count);
  void BeginEpoch();

  std::vector<Tensor> arrays_;
  int64_t rows_;
  int64_t batch_;
  std::optional<int64_t> seed_;
  int64_t epoch_ = 0;
  int64_t offset_ = 0;          // rows given of this epoch
  std::vector<int64_t> order_;  // this epoch's
};

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_ROW_BATCHES_H_
