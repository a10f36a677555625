// A file system that fails on purpose: for tests of everything that must
// survive a full disk, a lost connection or a crash.
#ifndef TRELLIS_IO_FAULT_FILE_SYSTEM_H_
#define TRELLIS_IO_FAULT_FILE_SYSTEM_H_

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "trellis/base/mutex.h"
#include "trellis/io/file_system.h"

namespace trellis {

// Passes every call on to `base` and counts it as one operation: calls of the
// file system and of the files it opened, in the order they come in. An
// operation chosen to fail does nothing and returns Unavailable with its
// number and path; a failing Append first writes a part of its bytes.
//
// Thread-safe. `base` must outlive this and every file opened through it, and
// this must outlive the files.
class FaultFileSystem final : public FileSystem {
 public:
  explicit FaultFileSystem(FileSystem& base) : base_(base) {}

  // Operation `n`, counted from 0 from now on, fails. With `stay_down` all
  // later ones fail too, as they do for a process that was killed there.
  void FailAt(int64_t n, bool stay_down);

  // Each operation from now on fails with this probability.
  void FailRandomly(double probability, uint64_t seed);

  // No operation fails from now on; counting starts at 0.
  void Heal();

  // Since construction or the last of the calls above.
  int64_t operations() const;
  int64_t faults() const;

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
  class Reader;
  class Writer;

  // Counts an operation and says whether it works.
  absl::Status Begin(absl::string_view operation, absl::string_view path);
  // How many of `n` bytes a failing Append writes.
  size_t PartOf(size_t n);
  void Restart(int64_t fail_at, bool stay_down, double probability,
               uint64_t seed);

  FileSystem& base_;

  mutable Mutex mutex_;  // guards what follows
  std::mt19937_64 random_;
  int64_t fail_at_ = -1;
  bool stay_down_ = false;
  double probability_ = 0;
  int64_t operations_ = 0;
  int64_t faults_ = 0;
};

}  // namespace trellis

#endif  // TRELLIS_IO_FAULT_FILE_SYSTEM_H_
