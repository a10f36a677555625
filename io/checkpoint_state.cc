#include "trellis/io/checkpoint_state.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "trellis/base/log.h"
#include "trellis/base/status_macros.h"
#include "trellis/io/path.h"
#include "trellis/io/whole_file.h"
#include "trellis/proto/checkpoint_state.pb.h"
#include "trellis/proto/text.h"

namespace trellis {
namespace {

bool LeadsOut(absl::string_view path) {
  const std::vector<absl::string_view> parts = absl::StrSplit(path, '/');
  return std::find(parts.begin(), parts.end(), "..") != parts.end();
}

absl::StatusOr<proto::CheckpointState> Parse(const std::string& text,
                                             absl::string_view path) {
  proto::CheckpointState state;
  const absl::Status parsed = ParseText(text, state);
  if (parsed.ok()) return state;
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": is no checkpoint state file: ", parsed.message()));
}

// The state as the file has it, but joined to its folder.
absl::StatusOr<CheckpointState> Decode(const proto::CheckpointState& encoded,
                                       absl::string_view dir,
                                       absl::string_view path) {
  CheckpointState state;
  const auto join = [&](const std::string& name) {
    if (dir == "." || IsAbsolutePath(name)) return name;
    return JoinPath(dir, name);
  };
  if (encoded.model_checkpoint_path().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": has no model_checkpoint_path"));
  }
  const auto check = [&](const std::string& name) {
    return IsAbsolutePath(name) || !LeadsOut(name)
               ? absl::OkStatus()
               : absl::InvalidArgumentError(absl::StrCat(
                     path, ": \"", name, "\" leads out of its folder"));
  };
  TRELLIS_RETURN_IF_ERROR(check(encoded.model_checkpoint_path()));
  state.model_checkpoint_path = join(encoded.model_checkpoint_path());
  for (const std::string& name : encoded.all_model_checkpoint_paths()) {
    TRELLIS_RETURN_IF_ERROR(check(name));
    state.all_model_checkpoint_paths.push_back(join(name));
  }
  state.all_model_checkpoint_timestamps.assign(
      encoded.all_model_checkpoint_timestamps().begin(),
      encoded.all_model_checkpoint_timestamps().end());
  if (encoded.last_preserved_timestamp() != 0) {
    state.last_preserved_timestamp = encoded.last_preserved_timestamp();
  }
  return state;
}

// The path to write for a checkpoint.
absl::StatusOr<std::string> Encode(absl::string_view path,
                                   absl::string_view dir,
                                   bool save_relative_paths) {
  if (IsAbsolutePath(dir) != IsAbsolutePath(path) ||
      (IsAbsolutePath(dir) && !save_relative_paths)) {
    return std::string(path);
  }
  std::optional<std::string> relative = RelativePath(path, dir);
  if (relative.has_value()) return *std::move(relative);
  return absl::InvalidArgumentError(absl::StrCat(
      "checkpoint \"", path, "\" cannot be told relative to \"", dir, "\""));
}

bool MatchesPattern(absl::string_view name, absl::string_view pattern) {
  return std::equal(name.begin(), name.end(), pattern.begin(), pattern.end(),
                    [](char c, char p) { return c == p || p == '?'; });
}

}  // namespace

absl::Status WriteCheckpointState(FileSystem& files, absl::string_view dir,
                                  const CheckpointState& state,
                                  bool save_relative_paths,
                                  absl::string_view file_name) {
  if (file_name.empty() || file_name.find('/') != absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the state file's name \"", file_name, "\" must be one in its folder"));
  }
  if (state.model_checkpoint_path.empty()) {
    return absl::InvalidArgumentError("the checkpoint state has no path");
  }
  std::vector<std::string> paths = state.all_model_checkpoint_paths;
  if (paths.empty() || paths.back() != state.model_checkpoint_path) {
    paths.push_back(state.model_checkpoint_path);
  }
  const size_t timestamps = state.all_model_checkpoint_timestamps.size();
  if (timestamps != 0 && timestamps != paths.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        timestamps, " timestamps for ", paths.size(), " checkpoints"));
  }
  proto::CheckpointState encoded;
  for (const std::string& path : paths) {
    TRELLIS_ASSIGN_OR_RETURN(*encoded.add_all_model_checkpoint_paths(),
                             Encode(path, dir, save_relative_paths));
  }
  encoded.set_model_checkpoint_path(
      *encoded.all_model_checkpoint_paths().rbegin());
  for (const double timestamp : state.all_model_checkpoint_timestamps) {
    encoded.add_all_model_checkpoint_timestamps(timestamp);
  }
  encoded.set_last_preserved_timestamp(
      state.last_preserved_timestamp.value_or(0));
  return WriteFileAtomically(files, JoinPath(dir, file_name),
                             PrintText(encoded));
}

absl::StatusOr<CheckpointState> ReadCheckpointState(
    FileSystem& files, absl::string_view dir, absl::string_view file_name) {
  const std::string path = JoinPath(dir, file_name);
  TRELLIS_ASSIGN_OR_RETURN(
      const std::string text,
      ReadWholeFile(files, path, kMaxCheckpointStateBytes));
  TRELLIS_ASSIGN_OR_RETURN(const auto encoded, Parse(text, path));
  return Decode(encoded, dir, path);
}

absl::StatusOr<bool> CheckpointExists(FileSystem& files,
                                      absl::string_view prefix) {
  for (const std::string& path :
       {absl::StrCat(prefix, ".index"), std::string(prefix)}) {
    const auto info = files.Info(path);
    if (info.ok() && !info->is_directory) return true;
    if (!info.ok() && !absl::IsNotFound(info.status())) return info.status();
  }
  if (prefix.find('?') == absl::string_view::npos) return false;
  TRELLIS_ASSIGN_OR_RETURN(const auto matching, MatchingFiles(files, prefix));
  return !matching.empty();
}

absl::StatusOr<std::vector<std::string>> MatchingFiles(
    FileSystem& files, absl::string_view pattern) {
  const absl::string_view base = BaseName(pattern);
  const absl::string_view dir = pattern.substr(0, pattern.size() - base.size());
  const auto names = files.List(dir.empty() ? "." : dir);
  std::vector<std::string> matching;
  if (absl::IsNotFound(names.status())) return matching;
  TRELLIS_RETURN_IF_ERROR(names.status());
  for (const std::string& name : *names) {
    if (MatchesPattern(name, base)) matching.push_back(absl::StrCat(dir, name));
  }
  return matching;
}

absl::StatusOr<std::optional<std::string>> LatestCheckpoint(
    FileSystem& files, absl::string_view dir, absl::string_view file_name) {
  const std::string path = JoinPath(dir, file_name);
  const auto text = ReadWholeFile(files, path, kMaxCheckpointStateBytes);
  if (!text.ok()) {
    if (!absl::IsNotFound(text.status())) {
      TRELLIS_LOG(Warning) << "ignored: " << text.status().message();
    }
    return std::nullopt;
  }
  const auto encoded = Parse(*text, path);
  if (!encoded.ok()) {
    TRELLIS_LOG(Warning) << "ignored: " << encoded.status().message();
    return std::nullopt;
  }
  TRELLIS_ASSIGN_OR_RETURN(CheckpointState state, Decode(*encoded, dir, path));
  TRELLIS_ASSIGN_OR_RETURN(
      const bool exists, CheckpointExists(files, state.model_checkpoint_path));
  if (exists) return std::move(state.model_checkpoint_path);
  TRELLIS_LOG(Warning) << path << ": its checkpoint "
                       << state.model_checkpoint_path << " does not exist";
  return std::nullopt;
}

}  // namespace trellis
