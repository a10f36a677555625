#include "trellis/io/fault_file_system.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"

namespace trellis {

class FaultFileSystem::Reader final : public ReadableFile {
 public:
  Reader(FaultFileSystem& files, std::unique_ptr<ReadableFile> base)
      : files_(files), base_(std::move(base)) {}

  absl::StatusOr<int64_t> Read(int64_t offset,
                               absl::Span<char> buffer) const override {
    TRELLIS_RETURN_IF_ERROR(files_.Begin("Read", path()));
    return base_->Read(offset, buffer);
  }
  int64_t size() const override { return base_->size(); }
  absl::string_view path() const override { return base_->path(); }

 private:
  FaultFileSystem& files_;
  const std::unique_ptr<ReadableFile> base_;
};

class FaultFileSystem::Writer final : public WritableFile {
 public:
  Writer(FaultFileSystem& files, std::string path,
         std::unique_ptr<WritableFile> base)
      : files_(files), path_(std::move(path)), base_(std::move(base)) {}

  absl::Status Append(absl::string_view data) override {
    TRELLIS_RETURN_IF_ERROR(status_);
    status_ = files_.Begin("Append", path_);
    if (status_.ok()) return base_->Append(data);
    // The fault is reported whatever becomes of this part.
    base_->Append(data.substr(0, files_.PartOf(data.size()))).IgnoreError();
    return status_;
  }
  absl::Status Flush() override {
    TRELLIS_RETURN_IF_ERROR(Begin("Flush"));
    return base_->Flush();
  }
  absl::Status Sync() override {
    TRELLIS_RETURN_IF_ERROR(Begin("Sync"));
    return base_->Sync();
  }
  absl::Status Close() override {
    TRELLIS_RETURN_IF_ERROR(Begin("Close"));
    return base_->Close();
  }

 private:
  absl::Status Begin(absl::string_view operation) {
    if (status_.ok()) status_ = files_.Begin(operation, path_);
    return status_;
  }

  FaultFileSystem& files_;
  const std::string path_;
  const std::unique_ptr<WritableFile> base_;
  absl::Status status_;  // the first fault
};

void FaultFileSystem::FailAt(int64_t n, bool stay_down) {
  Restart(n, stay_down, 0, n);
}

void FaultFileSystem::FailRandomly(double probability, uint64_t seed) {
  Restart(-1, false, probability, seed);
}

void FaultFileSystem::Heal() { Restart(-1, false, 0, 0); }

void FaultFileSystem::Restart(int64_t fail_at, bool stay_down,
                              double probability, uint64_t seed) {
  const MutexLock lock(mutex_);
  random_.seed(seed);
  fail_at_ = fail_at;
  stay_down_ = stay_down;
  probability_ = probability;
  operations_ = 0;
  faults_ = 0;
}

int64_t FaultFileSystem::operations() const {
  const MutexLock lock(mutex_);
  return operations_;
}

int64_t FaultFileSystem::faults() const {
  const MutexLock lock(mutex_);
  return faults_;
}

absl::Status FaultFileSystem::Begin(absl::string_view operation,
                                    absl::string_view path) {
  const MutexLock lock(mutex_);
  const int64_t n = operations_++;
  const bool chosen = n == fail_at_ || (stay_down_ && n > fail_at_);
  const bool unlucky =
      probability_ > 0 &&
      std::uniform_real_distribution<double>()(random_) < probability_;
  if (!chosen && !unlucky) return absl::OkStatus();
  ++faults_;
  return absl::UnavailableError(absl::StrCat(
      path, ": injected fault at operation ", n, " (", operation, ")"));
}

size_t FaultFileSystem::PartOf(size_t n) {
  const MutexLock lock(mutex_);
  return random_() % (n + 1);
}

absl::StatusOr<std::unique_ptr<ReadableFile>> FaultFileSystem::NewReadableFile(
    absl::string_view path) {
  TRELLIS_RETURN_IF_ERROR(Begin("NewReadableFile", path));
  TRELLIS_ASSIGN_OR_RETURN(auto file, base_.NewReadableFile(path));
  return std::make_unique<Reader>(*this, std::move(file));
}

absl::StatusOr<std::unique_ptr<WritableFile>> FaultFileSystem::NewWritableFile(
    absl::string_view path, WriteMode mode) {
  TRELLIS_RETURN_IF_ERROR(Begin("NewWritableFile", path));
  TRELLIS_ASSIGN_OR_RETURN(auto file, base_.NewWritableFile(path, mode));
  return std::make_unique<Writer>(*this, std::string(path), std::move(file));
}

absl::Status FaultFileSystem::Rename(absl::string_view from,
                                     absl::string_view to) {
  TRELLIS_RETURN_IF_ERROR(Begin("Rename", from));
  return base_.Rename(from, to);
}

absl::Status FaultFileSystem::Delete(absl::string_view path) {
  TRELLIS_RETURN_IF_ERROR(Begin("Delete", path));
  return base_.Delete(path);
}

absl::Status FaultFileSystem::CreateDir(absl::string_view path) {
  TRELLIS_RETURN_IF_ERROR(Begin("CreateDir", path));
  return base_.CreateDir(path);
}

absl::Status FaultFileSystem::DeleteDir(absl::string_view path) {
  TRELLIS_RETURN_IF_ERROR(Begin("DeleteDir", path));
  return base_.DeleteDir(path);
}

absl::StatusOr<std::vector<std::string>> FaultFileSystem::List(
    absl::string_view path) {
  TRELLIS_RETURN_IF_ERROR(Begin("List", path));
  return base_.List(path);
}

absl::StatusOr<FileInfo> FaultFileSystem::Info(absl::string_view path) {
  TRELLIS_RETURN_IF_ERROR(Begin("Info", path));
  return base_.Info(path);
}

absl::Status FaultFileSystem::SyncDir(absl::string_view path) {
  TRELLIS_RETURN_IF_ERROR(Begin("SyncDir", path));
  return base_.SyncDir(path);
}

}  // namespace trellis
