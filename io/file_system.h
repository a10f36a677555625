// The bytes-and-files interface that everything in Trellis reads and writes
// through: checkpoints, models, records, logs. A caller may supply its own.
//
// Contract shared by every implementation:
//  * All methods may be called from any thread at the same time. A single
//    WritableFile is used by one thread at a time.
//  * Paths are '/'-separated byte strings; a relative path is resolved by the
//    implementation. Every error message holds the path it is about.
//  * Codes: NotFound (a file or a parent folder is missing), AlreadyExists,
//    FailedPrecondition (a folder where a file is expected, or the reverse; a
//    folder that is not empty), PermissionDenied, ResourceExhausted (space,
//    descriptors), InvalidArgument (not a possible path).
//  * Durability: the bytes of a file survive a crash once Sync has returned
//    OK; a name (new, renamed, deleted) survives once SyncDir of the folder
//    has. Rename replaces its target in one step: any reader sees the old
//    file or the new one.
#ifndef TRELLIS_IO_FILE_SYSTEM_H_
#define TRELLIS_IO_FILE_SYSTEM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace trellis {

// An open file for positional reads. Immutable, so any number of threads may
// read at once. What it reads after the file was changed is unspecified.
class ReadableFile {
 public:
  virtual ~ReadableFile() = default;

  // Reads into `buffer` from `offset` on and returns the number of bytes read,
  // which is less than buffer.size() only where the file ends.
  // REQUIRES: offset >= 0.
  virtual absl::StatusOr<int64_t> Read(int64_t offset,
                                       absl::Span<char> buffer) const = 0;

  // The size when the file was opened.
  virtual int64_t size() const = 0;

  virtual absl::string_view path() const = 0;

  // Fills all of `buffer`. OutOfRange, with the path, the offset and both
  // sizes, if the file ends before.
  absl::Status ReadExactly(int64_t offset, absl::Span<char> buffer) const;
};

// An open file that grows at its end. After a failed call every later call
// returns the first error: what is in the file is then unknown. Destroying a
// file that was not closed abandons what was not flushed.
class WritableFile {
 public:
  virtual ~WritableFile() = default;

  virtual absl::Status Append(absl::string_view data) = 0;

  // Hands everything to the operating system: other readers see it.
  virtual absl::Status Flush() = 0;

  // Flush, and wait until the bytes are on the medium.
  virtual absl::Status Sync() = 0;

  // Flush and close. Not durable without Sync. A second Close, and Append
  // after Close, is FailedPrecondition.
  virtual absl::Status Close() = 0;
};

enum class WriteMode {
  kReplace,   // create the file, or empty the one that exists
  kExclusive  // create the file; AlreadyExists if there is one
};

struct FileInfo {
  int64_t size = 0;  // in bytes; unspecified for a folder
  bool is_directory = false;
  absl::Time modified;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // Only regular files open: a folder, a pipe or a device is
  // FailedPrecondition, and opening never waits.
  virtual absl::StatusOr<std::unique_ptr<ReadableFile>> NewReadableFile(
      absl::string_view path) = 0;

  virtual absl::StatusOr<std::unique_ptr<WritableFile>> NewWritableFile(
      absl::string_view path, WriteMode mode) = 0;

  // Moves a file or a folder; replaces a file at `to`.
  virtual absl::Status Rename(absl::string_view from, absl::string_view to) = 0;

  // Deletes a file.
  virtual absl::Status Delete(absl::string_view path) = 0;

  // Creates one folder, whose parent exists; AlreadyExists if anything has
  // that name.
  virtual absl::Status CreateDir(absl::string_view path) = 0;

  // Deletes an empty folder.
  virtual absl::Status DeleteDir(absl::string_view path) = 0;

  // The names (not paths) in a folder, sorted bytewise.
  virtual absl::StatusOr<std::vector<std::string>> List(
      absl::string_view path) = 0;

  virtual absl::StatusOr<FileInfo> Info(absl::string_view path) = 0;

  // Makes the names in a folder durable.
  virtual absl::Status SyncDir(absl::string_view path) = 0;

  // Creates a folder and those above it that are missing, durably. OK if it
  // exists.
  absl::Status CreateDirs(absl::string_view path);

  // The size of a file; FailedPrecondition for a folder.
  absl::StatusOr<int64_t> FileSize(absl::string_view path);

  // Whether there is a file or a folder of that name. An error only where
  // that cannot be told.
  absl::StatusOr<bool> Exists(absl::string_view path);
};

}  // namespace trellis

#endif  // TRELLIS_IO_FILE_SYSTEM_H_
