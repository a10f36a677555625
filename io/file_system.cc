#include "trellis/io/file_system.h"

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/io/path.h"

namespace trellis {

absl::Status ReadableFile::ReadExactly(int64_t offset,
                                       absl::Span<char> buffer) const {
  TRELLIS_ASSIGN_OR_RETURN(const int64_t n, Read(offset, buffer));
  if (n == buffer.size()) return absl::OkStatus();
  return absl::OutOfRangeError(absl::StrCat(path(), ": ends ", n,
                                            " bytes after offset ", offset,
                                            ", expected ", buffer.size()));
}

absl::Status FileSystem::CreateDirs(absl::string_view path) {
  if (auto info = Info(path); info.ok()) {
    if (info->is_directory) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": exists and is not a folder"));
  } else if (!absl::IsNotFound(info.status())) {
    return info.status();
  }
  const absl::string_view parent = DirName(path);
  if (parent != path) TRELLIS_RETURN_IF_ERROR(CreateDirs(parent));
  const absl::Status made = CreateDir(path);
  // Another thread or process may have been faster.
  if (!made.ok() && !absl::IsAlreadyExists(made)) return made;
  return SyncDir(parent);
}

absl::StatusOr<int64_t> FileSystem::FileSize(absl::string_view path) {
  TRELLIS_ASSIGN_OR_RETURN(const FileInfo info, Info(path));
  if (info.is_directory) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": is a folder"));
  }
  return info.size;
}

absl::StatusOr<bool> FileSystem::Exists(absl::string_view path) {
  const auto info = Info(path);
  if (info.ok()) return true;
  if (absl::IsNotFound(info.status())) return false;
  return info.status();
}

}  // namespace trellis
