// How a checkpoint and the variables of a graph go together.
#ifndef TRELLIS_TOOLS_TRELLIS_CKPT_MATCH_H_
#define TRELLIS_TOOLS_TRELLIS_CKPT_MATCH_H_

#include <ostream>

#include "absl/status/statusor.h"
#include "trellis/io/checkpoint_reader.h"
#include "trellis/tools/trellis/command.h"

namespace trellis {

// `trellis ckpt PREFIX --graph FILE`: what is matched, missing, different and
// unused. No, if a variable of the graph would not be restored.
absl::StatusOr<Answer> PrintCheckpointMatch(const CheckpointReader& checkpoint,
                                            const Flags& flags,
                                            std::ostream& out);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_CKPT_MATCH_H_
