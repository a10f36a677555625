// How the state of a graph and a checkpoint go together: what restoring would
// do, found out from the checkpoint's index alone.
#ifndef TRELLIS_RUNTIME_MATCH_CHECKPOINT_H_
#define TRELLIS_RUNTIME_MATCH_CHECKPOINT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/shape.h"
#include "trellis/io/checkpoint_reader.h"
#include "trellis/runtime/saveables.h"

namespace trellis {

struct CheckpointMatch {
  struct Missing {
    Saveable wanted;
    // Names in the checkpoint that nothing else wants, the likeliest first.
    std::vector<std::string> nearest;
  };
  struct Different {
    Saveable wanted;
    // In the checkpoint.
    DType dtype = kInvalid;
    Shape shape;
  };

  std::vector<Saveable> matched;
  // Random counters are not among them: a node that never ran has none.
  std::vector<Missing> missing;
  std::vector<Different> different;
  // In the checkpoint, and nothing wants them.
  std::vector<std::string> unused;

  // NotFound for missing values (R9.18), InvalidArgument for different ones
  // (R9.19), unless they are allowed. Names `prefix` and up to ten of them.
  absl::Status Check(absl::string_view prefix, bool allow_missing,
                     bool allow_different) const;
};

CheckpointMatch MatchCheckpoint(const std::vector<Saveable>& saveables,
                                const CheckpointReader& checkpoint);

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_MATCH_CHECKPOINT_H_
