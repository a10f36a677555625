// Checkpoints as files in a folder: removing them, and what interrupted writers
// left.
#ifndef TRELLIS_IO_CHECKPOINT_FILES_H_
#define TRELLIS_IO_CHECKPOINT_FILES_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/io/file_system.h"

namespace trellis {

// Removes the files of the V2 checkpoint `prefix`: index, data and meta graph.
// The index goes first, durably, so that a crash cannot leave an index without
// data. OK if there is nothing.
absl::Status DeleteCheckpoint(FileSystem& files, absl::string_view prefix);

// Removes from the folder of `path` what saves that were interrupted left
// there: temporary files of processes that died, and data files without an
// index of checkpoints called `path` or "<path>-<digits>". OK if there is no
// such folder.
// REQUIRES: no other process is writing there, nor this one below `path`.
absl::Status RemoveInterruptedSaves(FileSystem& files, absl::string_view path);

}  // namespace trellis

#endif  // TRELLIS_IO_CHECKPOINT_FILES_H_
