#include "trellis/runtime/saver.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "trellis/base/log.h"
#include "trellis/base/status_macros.h"
#include "trellis/io/checkpoint_files.h"
#include "trellis/io/open_checkpoint.h"
#include "trellis/io/path.h"
#include "trellis/io/tensor_bundle_writer.h"

namespace trellis {
namespace {

// A value on its way to a file.
struct Piece {
  std::string name;
  std::optional<Saveable::Part> part;
  Tensor value;
};

absl::Status CheckHaveValues(const std::vector<Saveable>& saveables,
                             const StoredValues& values) {
  std::vector<absl::string_view> missing;
  for (const Saveable& s : saveables) {
    if (!s.is_counter && !values.contains(s.key)) {
      missing.push_back(s.variable);
    }
  }
  if (missing.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "variables without a value cannot be saved: ",
      absl::StrJoin(missing, ", "), "; run their initializers first"));
}

// All values to write, sorted by name. Nothing is held when it returns.
absl::StatusOr<std::vector<Piece>> TakePieces(const Session& session,
                                              const SaveOptions& options) {
  TRELLIS_ASSIGN_OR_RETURN(const std::vector<Saveable> saveables,
                           FindSaveables(session.graph(), options.variables));
  absl::flat_hash_set<absl::string_view> keys;
  for (const Saveable& s : saveables) keys.insert(s.key);
  TRELLIS_ASSIGN_OR_RETURN(
      const StoredValues values,
      session.resources().Snapshot(
          [&](absl::string_view key) { return keys.contains(key); }));
  if (!options.skip_uninitialized) {
    TRELLIS_RETURN_IF_ERROR(CheckHaveValues(saveables, values));
  }
  std::vector<Piece> pieces;
  for (const Saveable& s : saveables) {
    if (const auto found = values.find(s.key); found != values.end()) {
      pieces.push_back({s.name, s.part, found->second});
    }
  }
  for (const auto& [name, value] : options.extra) {
    pieces.push_back({name, std::nullopt, value});
  }
  std::stable_sort(
      pieces.begin(), pieces.end(),
      [](const Piece& a, const Piece& b) { return a.name < b.name; });
  return pieces;
}

absl::Status WritePieces(FileSystem& files, const std::string& prefix,
                         const std::vector<Piece>& pieces) {
  TRELLIS_ASSIGN_OR_RETURN(const std::unique_ptr<TensorBundleWriter> writer,
                           TensorBundleWriter::Create(files, prefix));
  for (const Piece& piece : pieces) {
    TRELLIS_RETURN_IF_ERROR(
        piece.part.has_value()
            ? writer->AddSlice(piece.name, piece.part->full_shape,
                               piece.part->slice, piece.value)
            : writer->Add(piece.name, piece.value));
  }
  return writer->Finish();
}

absl::StatusOr<StoredValues> ReadMatched(const CheckpointReader& checkpoint,
                                         const CheckpointMatch& match) {
  StoredValues values;
  for (const Saveable& s : match.matched) {
    TRELLIS_ASSIGN_OR_RETURN(values[s.key],
                             s.part.has_value()
                                 ? checkpoint.ReadSlice(s.name, s.part->slice)
                                 : checkpoint.Read(s.name));
  }
  return values;
}

}  // namespace

Saver::Saver(FileSystem& files, SaverOptions options)
    : files_(files),
      options_(std::move(options)),
      kept_(options_.max_to_keep,
            absl::Hours(options_.keep_checkpoint_every_n_hours),
            options_.now()) {}

absl::StatusOr<std::string> Saver::PrefixOf(absl::string_view path,
                                            std::optional<int64_t> step) const {
  if (BaseName(path).empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", path, "\" names no file to save to"));
  }
  const std::string& state_file = options_.latest_filename;
  if (state_file.empty() || BaseName(state_file) != state_file) {
    return absl::InvalidArgumentError(
        absl::StrCat("latest_filename is \"", state_file,
                     "\"; the state file is in the checkpoints' folder, so it "
                     "must be a name without one"));
  }
  if (step.has_value()) {
    return options_.pad_step_number ? absl::StrFormat("%s-%08d", path, *step)
                                    : absl::StrCat(path, "-", *step);
  }
  if (BaseName(path) == state_file) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the checkpoint \"", path, "\" and the state file, latest_filename \"",
        state_file, "\", would have one name"));
  }
  return std::string(path);
}

absl::StatusOr<std::string> Saver::Save(const Session& session, Name path,
                                        std::optional<int64_t> step,
                                        const SaveOptions& options) {
  MutexLock lock(mutex_);
  TRELLIS_ASSIGN_OR_RETURN(const std::string prefix, PrefixOf(path, step));
  TRELLIS_ASSIGN_OR_RETURN(const std::vector<Piece> pieces,
                           TakePieces(session, options));
  if (pieces.empty()) {
    return absl::InvalidArgumentError(
        "there is nothing to save: the graph has no variables");
  }
  if (const absl::Status removed = RemoveInterruptedSaves(files_, path);
      !removed.ok()) {
    // They are in nobody's way but for the space they take.
    TRELLIS_LOG(Warning) << "leftovers stay: " << removed.message();
  }
  TRELLIS_RETURN_IF_ERROR(WritePieces(files_, prefix, pieces));
  if (options.write_state) TRELLIS_RETURN_IF_ERROR(Remember(prefix));
  return prefix;
}

absl::Status Saver::Remember(const std::string& prefix) {
  kept_.Add(prefix, options_.now());
  // Nothing is deleted before the state file is durable: until then, the newest
  // may be any of those that were there.
  KeptCheckpoints after = kept_;
  const std::vector<std::string> given_up = after.GiveUp();
  CheckpointState state = {.model_checkpoint_path = prefix};
  for (std::string& kept : after.prefixes()) {
    // A state file speaks of its own folder.
    if (DirName(kept) != DirName(prefix)) continue;
    state.all_model_checkpoint_paths.push_back(std::move(kept));
  }
  TRELLIS_RETURN_IF_ERROR(WriteCheckpointState(files_, DirName(prefix), state,
                                               options_.save_relative_paths,
                                               options_.latest_filename));
  kept_ = std::move(after);
  // What could not be deleted is tried again with the next save.
  given_up_.insert(given_up_.end(), given_up.begin(), given_up.end());
  std::erase(given_up_, prefix);
  std::erase_if(given_up_, [&](const std::string& old) {
    const absl::Status deleted = DeleteCheckpoint(files_, old);
    if (!deleted.ok()) {
      TRELLIS_LOG(Warning) << "an old checkpoint stays: " << deleted.message();
    }
    return deleted.ok();
  });
  return absl::OkStatus();
}

absl::StatusOr<RestoreReport> Saver::Restore(
    const Session& session, Name prefix, const RestoreOptions& options) const {
  TRELLIS_ASSIGN_OR_RETURN(const std::unique_ptr<CheckpointReader> checkpoint,
                           OpenCheckpoint(files_, prefix));
  TRELLIS_ASSIGN_OR_RETURN(const std::vector<Saveable> saveables,
                           FindSaveables(session.graph(), options.variables));
  RestoreReport report = {.match = MatchCheckpoint(saveables, *checkpoint)};
  TRELLIS_RETURN_IF_ERROR(report.match.Check(prefix, options.allow_missing,
                                             options.allow_different));
  if (report.match.matched.empty() && !saveables.empty()) {
    return absl::NotFoundError(
        absl::StrCat(prefix.view(), ": has none of the graph's variables"));
  }
  TRELLIS_ASSIGN_OR_RETURN(StoredValues values,
                           ReadMatched(*checkpoint, report.match));
  for (const std::string& name : options.extra) {
    if (checkpoint->Find(name) == nullptr) continue;
    TRELLIS_ASSIGN_OR_RETURN(report.extra[name], checkpoint->Read(name));
    std::erase(report.match.unused, name);
  }
  TRELLIS_RETURN_IF_ERROR(session.resources().Replace(std::move(values)));
  return report;
}

std::vector<std::string> Saver::last_checkpoints() const {
  MutexLock lock(mutex_);
  return kept_.prefixes();
}

absl::Status Saver::RecoverLastCheckpoints(
    absl::Span<const std::string> prefixes) {
  MutexLock lock(mutex_);
  for (const std::string& prefix : prefixes) {
    const absl::StatusOr<FileInfo> info =
        files_.Info(absl::StrCat(prefix, ".index"));
    if (absl::IsNotFound(info.status())) continue;
    TRELLIS_RETURN_IF_ERROR(info.status());
    kept_.Add(prefix, info->modified);
  }
  return absl::OkStatus();
}

absl::StatusOr<CheckpointMatch> MatchCheckpoint(
    FileSystem& files, Name prefix, Graph& graph,
    const VariableSelection& variables) {
  TRELLIS_ASSIGN_OR_RETURN(const std::unique_ptr<CheckpointReader> checkpoint,
                           OpenCheckpoint(files, prefix));
  TRELLIS_ASSIGN_OR_RETURN(const std::vector<Saveable> saveables,
                           FindSaveables(graph, variables));
  return MatchCheckpoint(saveables, *checkpoint);
}

}  // namespace trellis
