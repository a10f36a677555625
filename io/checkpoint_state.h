// The text file `checkpoint` beside checkpoints: which of them are kept and
// which is the newest. The format is TensorFlow's, a CheckpointState message
// as text (R9.13).
#ifndef TRELLIS_IO_CHECKPOINT_STATE_H_
#define TRELLIS_IO_CHECKPOINT_STATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/io/file_system.h"

namespace trellis {

struct CheckpointState {
  // Checkpoint prefixes, usable as they are.
  std::string model_checkpoint_path;                    // the newest
  std::vector<std::string> all_model_checkpoint_paths;  // oldest first
  // Seconds since 1970, none or one for each path.
  std::vector<double> all_model_checkpoint_timestamps;
  std::optional<double> last_preserved_timestamp;

  bool operator==(const CheckpointState&) const = default;
};

inline constexpr absl::string_view kCheckpointStateName = "checkpoint";
inline constexpr int64_t kMaxCheckpointStateBytes = 64 << 20;

// Writes `dir`/`file_name`, atomically and durably. The newest path is added
// to the end of the list if it is not there. If `dir` is relative, relative
// paths are written relative to it; with `save_relative_paths` absolute ones
// below an absolute `dir` too (R9.13).
// InvalidArgument if `file_name` names a folder (R9.11), if there is no newest
// path, for timestamps that are not one for each path, or for a path that
// cannot be told relative to `dir`; else the file system's error.
absl::Status WriteCheckpointState(
    FileSystem& files, absl::string_view dir, const CheckpointState& state,
    bool save_relative_paths = false,
    absl::string_view file_name = kCheckpointStateName);

// Reads it. Relative paths come back joined to `dir`.
// NotFound without the file; InvalidArgument if it is no such text, has no
// newest path, or has a relative path that leads out of `dir`;
// ResourceExhausted past kMaxCheckpointStateBytes.
absl::StatusOr<CheckpointState> ReadCheckpointState(
    FileSystem& files, absl::string_view dir,
    absl::string_view file_name = kCheckpointStateName);

// The files whose path is `pattern`, in whose last part '?' stands for any
// character; sorted. None if there is no such folder.
absl::StatusOr<std::vector<std::string>> MatchingFiles(
    FileSystem& files, absl::string_view pattern);

// Whether a checkpoint of this prefix is there: `<prefix>.index` (V2), or a
// file of the prefix itself (V1), in whose name '?' stands for any character.
absl::StatusOr<bool> CheckpointExists(FileSystem& files,
                                      absl::string_view prefix);

// The newest checkpoint of `dir` (R9.21): the path that the state file names.
// nullopt, with a logged warning where there is something to say, if there is
// no state file, it is unreadable, or the checkpoint it names is gone. The
// older paths of the list are not tried. InvalidArgument for a state file
// without a path.
absl::StatusOr<std::optional<std::string>> LatestCheckpoint(
    FileSystem& files, absl::string_view dir,
    absl::string_view file_name = kCheckpointStateName);

}  // namespace trellis

#endif  // TRELLIS_IO_CHECKPOINT_STATE_H_
