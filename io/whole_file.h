// Files read and written in one piece, and the temporary names under which
// every file of ours is born.
//
// A file that must never be seen half-written is written under a temporary
// name beside its final one, synced, and renamed:
//
//   <final name>.tempstate<16 hex digits: process><hex digits: counter>
//
// The process part is random, so that no name can be foreseen, and files are
// created exclusively: nobody can lay a link there for us to write through.
#ifndef TRELLIS_IO_WHOLE_FILE_H_
#define TRELLIS_IO_WHOLE_FILE_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/io/file_system.h"

namespace trellis {

// All bytes of a file. ResourceExhausted, before anything is read, if it has
// more than `max_bytes`.
absl::StatusOr<std::string> ReadWholeFile(
    FileSystem& files, absl::string_view path,
    int64_t max_bytes = std::numeric_limits<int64_t>::max());

// Writes a file so that at any moment, across crashes too, `path` holds either
// what it held before or `contents`. Durable once it returns OK. On failure
// the temporary file is removed as far as that is possible.
absl::Status WriteFileAtomically(FileSystem& files, absl::string_view path,
                                 absl::string_view contents);

struct TemporaryFile {
  std::string path;
  std::unique_ptr<WritableFile> file;
};

// Creates an empty file under a fresh temporary name beside `final_path`.
absl::StatusOr<TemporaryFile> NewTemporaryFile(FileSystem& files,
                                               absl::string_view final_path);

// Removes from `dir` the temporary files of processes that died. Files that
// this process made are left alone.
// REQUIRES: no other process is writing in `dir`.
absl::Status RemoveStaleTemporaries(FileSystem& files, absl::string_view dir);

}  // namespace trellis

#endif  // TRELLIS_IO_WHOLE_FILE_H_
