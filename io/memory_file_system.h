// A file system in memory that can crash. For tests, and for models that were
// never on disk.
#ifndef TRELLIS_IO_MEMORY_FILE_SYSTEM_H_
#define TRELLIS_IO_MEMORY_FILE_SYSTEM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "trellis/io/file_system.h"

namespace trellis {

// "/" exists from the start; relative paths begin there, "." and empty parts
// are skipped and ".." is InvalidArgument.
//
// It forgets as badly as the contract of FileSystem allows: the name of a new
// file is lost without SyncDir even if its bytes were synced, and the two
// halves of a rename are two changes.
class MemoryFileSystem final : public FileSystem {
 public:
  MemoryFileSystem();
  ~MemoryFileSystem() override;

  // Loses power: everything that was not synced is gone. Files open now
  // answer Aborted to every call from here on.
  void Crash();

  // The same, but each change that was not synced may have reached the medium
  // all the same, drawn from `seed`: names independently of each other, bytes
  // completely, up to a random length, or as zeros.
  void CrashRandomly(uint64_t seed);

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

 private:
  // Declared here, defined with the implementation.
  struct Entry;     // a file or a folder
  struct State;     // shared with the open files
  struct Location;  // a folder and a name in it
  class Reader;
  class Writer;

  static bool Contains(const Entry& entry, const Entry* wanted);

  // REQUIRES: the caller holds the mutex of `state_`.
  absl::StatusOr<std::shared_ptr<Entry>> Find(absl::string_view path) const;
  absl::StatusOr<Location> Locate(absl::string_view path) const;

  const std::shared_ptr<State> state_;
};

}  // namespace trellis

#endif  // TRELLIS_IO_MEMORY_FILE_SYSTEM_H_
