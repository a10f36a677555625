// The files of this machine, through POSIX calls. Stateless.
#ifndef TRELLIS_IO_POSIX_FILE_SYSTEM_H_
#define TRELLIS_IO_POSIX_FILE_SYSTEM_H_

#include <memory>
#include <string>
#include <vector>

#include "trellis/io/file_system.h"

namespace trellis {

// Relative paths are resolved against the process's working folder. Files are
// created with mode 0666 and folders with 0777, both less the umask.
class PosixFileSystem final : public FileSystem {
 public:
  // One for everybody, never destroyed.
  static PosixFileSystem& Get();

  absl::StatusOr<std::unique_ptr<ReadableFile>> NewReadableFile(
      absl::string_view path) override;
  absl::StatusOr<std::unique_ptr<WritableFile>> NewWritableFile(
      absl::string_view path, WriteMode mode) override;
  absl::Status Rename(absl::string_view from, absl::string_view to) override;
  absl::Status Delete(absl::string_view path) override;
  absl::Status CreateDir(absl::string_view path) override;
  absl::Status DeleteDir(absl::string_view path) override;
  absl::StatusOr<std::vector<std::string>> List(
      absl::string_view path) override;
  absl::StatusOr<FileInfo> Info(absl::string_view path) override;
  absl::Status SyncDir(absl::string_view path) override;
};

}  // namespace trellis

#endif  // TRELLIS_IO_POSIX_FILE_SYSTEM_H_
