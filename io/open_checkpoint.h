// Opens a checkpoint of whichever format it is.
#ifndef TRELLIS_IO_OPEN_CHECKPOINT_H_
#define TRELLIS_IO_OPEN_CHECKPOINT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/io/checkpoint_reader.h"
#include "trellis/io/file_system.h"

namespace trellis {

// V2 if `<prefix>.index` exists, else V1. NotFound if `prefix` is neither; else
// the errors of the two readers. `files` must outlive the reader.
absl::StatusOr<std::unique_ptr<CheckpointReader>> OpenCheckpoint(
    FileSystem& files, absl::string_view prefix,
    const CheckpointLimits& limits = {});

}  // namespace trellis

#endif  // TRELLIS_IO_OPEN_CHECKPOINT_H_
