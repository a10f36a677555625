#include "trellis/io/checkpoint_files.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "trellis/base/status_macros.h"
#include "trellis/io/bundle_index.h"
#include "trellis/io/checkpoint_state.h"
#include "trellis/io/path.h"
#include "trellis/io/whole_file.h"

namespace trellis {
namespace {

// Two literals: one would hold a trigraph.
constexpr absl::string_view kDataPattern =
    ".data-?????"
    "-of-?????";

absl::Status DeleteIfThere(FileSystem& files, absl::string_view path) {
  const absl::Status deleted = files.Delete(path);
  return absl::IsNotFound(deleted) ? absl::OkStatus() : deleted;
}

bool AreDigits(absl::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

// "m-7" for "m-7.data-00000-of-00001", "" for what is no data file's name.
absl::string_view BundleOfDataFile(absl::string_view name) {
  if (name.size() < kDataPattern.size()) return "";
  const absl::string_view base =
      name.substr(0, name.size() - kDataPattern.size());
  absl::string_view end = name.substr(base.size());
  const bool matches = absl::ConsumePrefix(&end, ".data-") &&
                       AreDigits(end.substr(0, 5)) &&
                       end.substr(5, 4) == "-of-" && AreDigits(end.substr(9));
  return matches ? base : "";
}

// Whether a save to `base` may have made a checkpoint called `name`.
bool IsOfSaver(absl::string_view name, absl::string_view base) {
  if (!absl::ConsumePrefix(&name, base)) return false;
  return name.empty() || (absl::ConsumePrefix(&name, "-") && AreDigits(name));
}

}  // namespace

absl::Status DeleteCheckpoint(FileSystem& files, absl::string_view prefix) {
  TRELLIS_ASSIGN_OR_RETURN(
      const std::vector<std::string> data,
      MatchingFiles(files, absl::StrCat(prefix, kDataPattern)));
  TRELLIS_RETURN_IF_ERROR(DeleteIfThere(files, BundleIndexPath(prefix)));
  if (!data.empty()) {
    TRELLIS_RETURN_IF_ERROR(files.SyncDir(DirName(prefix)));
  }
  for (const std::string& path : data) {
    TRELLIS_RETURN_IF_ERROR(DeleteIfThere(files, path));
  }
  return DeleteIfThere(files, absl::StrCat(prefix, ".meta"));
}

absl::Status RemoveInterruptedSaves(FileSystem& files, absl::string_view path) {
  const absl::string_view dir = DirName(path);
  const absl::StatusOr<std::vector<std::string>> names = files.List(dir);
  if (absl::IsNotFound(names.status())) return absl::OkStatus();
  TRELLIS_RETURN_IF_ERROR(names.status());
  TRELLIS_RETURN_IF_ERROR(RemoveStaleTemporaries(files, dir));
  for (const std::string& name : *names) {
    const absl::string_view bundle = BundleOfDataFile(name);
    if (bundle.empty() || !IsOfSaver(bundle, BaseName(path)) ||
        std::binary_search(names->begin(), names->end(),
                           BundleIndexPath(bundle))) {
      continue;
    }
    TRELLIS_RETURN_IF_ERROR(DeleteIfThere(files, JoinPath(dir, name)));
  }
  return absl::OkStatus();
}

}  // namespace trellis
