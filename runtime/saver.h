// Checkpoints of a session: its variables and random counters, in files that
// TensorFlow reads, too (TensorBundle, V2).
//
//   Saver saver(PosixFileSystem::Get(), {.max_to_keep = 3});
//   TRELLIS_ASSIGN_OR_RETURN(std::string prefix,
//                            saver.Save(*session, "run/model.ckpt", step));
//   ...
//   TRELLIS_ASSIGN_OR_RETURN(auto latest,
//                            LatestCheckpoint(PosixFileSystem::Get(), "run"));
//   if (latest) TRELLIS_RETURN_IF_ERROR(
//       saver.Restore(*session, *latest).status());
//
// A save of "run/model.ckpt" at step 7 makes
//
//   run/model.ckpt-7.data-00000-of-00001   the values, sorted by name
//   run/model.ckpt-7.index                 which, and where
//   run/checkpoint                         the newest, and those that are kept
//
// in this order, each under a temporary name first, synced and renamed; then it
// deletes what is not kept any more. So a crash at any moment leaves the newest
// checkpoint that the state file names whole. The same state gives the same
// bytes.
//
// After Restore into a new session, runs go on bit for bit as they would have
// in the session that saved.
#ifndef TRELLIS_RUNTIME_SAVER_H_
#define TRELLIS_RUNTIME_SAVER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "trellis/base/mutex.h"
#include "trellis/base/name.h"
#include "trellis/graph/tensor.h"
#include "trellis/io/checkpoint_state.h"
#include "trellis/io/file_system.h"
#include "trellis/runtime/kept_checkpoints.h"
#include "trellis/runtime/match_checkpoint.h"
#include "trellis/runtime/saveables.h"
#include "trellis/runtime/session.h"

namespace trellis {

struct SaverOptions {
  // 0: all, and the state file lists the newest only (R9.14).
  int max_to_keep = 5;
  // Beside those, one that was made in each such period stays (R9.15).
  double keep_checkpoint_every_n_hours = 10000;
  // "model-00000042" (R9.10).
  bool pad_step_number = false;
  // Of the state file's paths, see checkpoint_state.h.
  bool save_relative_paths = false;
  std::string latest_filename = std::string(kCheckpointStateName);
  std::function<absl::Time()> now = absl::Now;
};

struct SaveOptions {
  VariableSelection variables = {};
  // More tensors to save, by name: the position in the input, for example.
  std::map<std::string, Tensor> extra = {};
  // Leave out variables without a value instead of failing.
  bool skip_uninitialized = false;
  // false: the saver does not remember the checkpoint, and it does not become
  // the newest.
  bool write_state = true;
};

struct RestoreOptions {
  VariableSelection variables = {};
  // Variables that the checkpoint does not have, or has with another dtype or
  // shape, stay as they are instead of making it an error. (A checkpoint that
  // has none of them is an error all the same.)
  bool allow_missing = false;
  bool allow_different = false;
  // Names of other tensors to read, if the checkpoint has them.
  std::vector<std::string> extra = {};
};

struct RestoreReport {
  // `matched` are the values that were restored.
  CheckpointMatch match;
  std::map<std::string, Tensor> extra;
};

// Thread-safe: saves of one Saver come one after the other. Two Savers, or two
// processes, must not save into one folder at a time.
class Saver {
 public:
  // `files` must outlive it.
  explicit Saver(FileSystem& files, SaverOptions options = {});

  // Writes the checkpoint "<path>", or "<path>-<step>", and returns its prefix.
  // Creates folders that are missing. The values are those of one moment
  // between runs; runs that write wait while they are copied, not while the
  // files are written.
  //
  // InvalidArgument if `path` or latest_filename do not name files (R9.11), or
  // if there is nothing to save; FailedPrecondition, with their names, for
  // variables without a value; else the file system's errors. After an error
  // the newest checkpoint is this one or the one before, and whole.
  absl::StatusOr<std::string> Save(const Session& session, Name path,
                                   std::optional<int64_t> step = std::nullopt,
                                   const SaveOptions& options = {});

  // Gives variables and random counters the values that the checkpoint `prefix`
  // (V1 or V2) has for them, all at one moment between runs; nothing changes on
  // failure. Every byte is verified. Variables need not be initialized before.
  // Counters that the checkpoint does not have stay as they are.
  //
  // NotFound if there is no such checkpoint, or it lacks variables;
  // InvalidArgument where dtypes or shapes differ (R9.18, R9.19); DataLoss for
  // damaged files.
  absl::StatusOr<RestoreReport> Restore(
      const Session& session, Name prefix,
      const RestoreOptions& options = {}) const;

  // The kept ones, oldest first.
  std::vector<std::string> last_checkpoints() const;

  // Takes over the checkpoints of an earlier saver, oldest first, with the
  // times of their files (R9.16): the state file's list, for a run that goes
  // on. Those that do not exist are left out.
  absl::Status RecoverLastCheckpoints(absl::Span<const std::string> prefixes);

 private:
  absl::StatusOr<std::string> PrefixOf(absl::string_view path,
                                       std::optional<int64_t> step) const;
  // The checkpoint is whole: make it the newest and give up old ones.
  absl::Status Remember(const std::string& prefix);

  FileSystem& files_;
  const SaverOptions options_;
  mutable Mutex mutex_;
  KeptCheckpoints kept_;               // guarded by mutex_
  std::vector<std::string> given_up_;  // to delete; guarded by mutex_
};

// What Restore would do: the plan of `trellis ckpt`. Needs no session.
absl::StatusOr<CheckpointMatch> MatchCheckpoint(
    FileSystem& files, Name prefix, Graph& graph,
    const VariableSelection& variables = {});

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_SAVER_H_
