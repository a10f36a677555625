// What differs between two checkpoints.
#ifndef TRELLIS_TOOLS_TRELLIS_CKPT_DIFF_H_
#define TRELLIS_TOOLS_TRELLIS_CKPT_DIFF_H_

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "trellis/io/checkpoint_reader.h"
#include "trellis/tools/trellis/command.h"

namespace trellis {

struct CheckpointDiff {
  struct Tensor {
    std::string name;
    // "float32[2] and float64[2]"; "" if types and shapes agree.
    std::string types;
    // The largest difference, and that relative to the largest finite absolute
    // value of the first; not set where elements are no numbers. Infinite where
    // only one is NaN or infinite.
    std::optional<double> max_difference, relative_difference;
  };

  std::vector<std::string> only_first, only_second;
  std::vector<Tensor> different;
  int64_t equal = 0;

  bool empty() const {
    return only_first.empty() && only_second.empty() && different.empty();
  }
};

// Compares all tensors bit for bit, or, of floating-point ones, lets pass a
// relative difference of up to `tolerance` (then NaN equals NaN). Reads one
// pair of tensors at a time. Errors as CheckpointReader::Read.
absl::StatusOr<CheckpointDiff> DiffCheckpoints(const CheckpointReader& first,
                                               const CheckpointReader& second,
                                               double tolerance);

// `trellis ckpt FIRST SECOND`.
absl::StatusOr<Answer> PrintCheckpointDiff(const CheckpointReader& first,
                                           const CheckpointReader& second,
                                           const Flags& flags,
                                           std::ostream& out);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_CKPT_DIFF_H_
