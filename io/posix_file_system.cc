#include "trellis/io/posix_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"

namespace trellis {
namespace {

// Small appends are gathered up to this size.
constexpr size_t kWriteBufferBytes = 64 << 10;
// Linux transfers at most 2 GiB less a page in one call.
constexpr size_t kMaxTransferBytes = 1 << 30;

absl::Status Error(int error, absl::string_view path, absl::string_view what) {
  return absl::ErrnoToStatus(error, absl::StrCat(path, ": cannot ", what));
}

// The path as C wants it.
absl::StatusOr<std::string> CPath(absl::string_view path) {
  if (path.empty()) return absl::InvalidArgumentError("the path is empty");
  if (path.find('\0') != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": a path cannot hold a zero byte"));
  }
  return std::string(path);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) : fd_(std::exchange(other.fd_, -1)) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

template <typename Call>
auto RetryOnInterrupt(Call call) {
  decltype(call()) result;
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  return result;
}

class PosixReadableFile final : public ReadableFile {
 public:
  PosixReadableFile(std::string path, Descriptor fd, int64_t size)
      : path_(std::move(path)), fd_(std::move(fd)), size_(size) {}

  absl::StatusOr<int64_t> Read(int64_t offset,
                               absl::Span<char> buffer) const override {
    size_t done = 0;
    while (done < buffer.size()) {
      const size_t wanted = std::min(buffer.size() - done, kMaxTransferBytes);
      const ssize_t n = RetryOnInterrupt([&] {
        return pread(fd_.get(), buffer.data() + done, wanted, offset + done);
      });
      if (n < 0) return Error(errno, path_, absl::StrCat("read at ", offset));
      if (n == 0) break;
      done += n;
    }
    return done;
  }

  int64_t size() const override { return size_; }
  absl::string_view path() const override { return path_; }

 private:
  const std::string path_;
  const Descriptor fd_;
  const int64_t size_;
};

class PosixWritableFile final : public WritableFile {
 public:
  PosixWritableFile(std::string path, Descriptor fd)
      : path_(std::move(path)), fd_(std::move(fd)) {}

  absl::Status Append(absl::string_view data) override {
    TRELLIS_RETURN_IF_ERROR(status_);
    if (buffer_.size() + data.size() > kWriteBufferBytes) {
      TRELLIS_RETURN_IF_ERROR(Flush());
      if (data.size() >= kWriteBufferBytes) return Keep(Write(data));
    }
    buffer_.append(data.data(), data.size());
    return absl::OkStatus();
  }

  absl::Status Flush() override {
    TRELLIS_RETURN_IF_ERROR(status_);
    TRELLIS_RETURN_IF_ERROR(Keep(Write(buffer_)));
    buffer_.clear();
    return absl::OkStatus();
  }

  absl::Status Sync() override {
    TRELLIS_RETURN_IF_ERROR(Flush());
    // A retry after a failed fsync would report success for lost pages, so the
    // error sticks.
    if (RetryOnInterrupt([&] { return fsync(fd_.get()); }) < 0) {
      return Keep(Error(errno, path_, "sync"));
    }
    return absl::OkStatus();
  }

  absl::Status Close() override {
    TRELLIS_RETURN_IF_ERROR(Flush());
    status_ = absl::FailedPreconditionError(
        absl::StrCat(path_, ": the file is closed"));
    // Linux has closed the descriptor even where it reports EINTR.
    if (close(fd_.Release()) < 0 && errno != EINTR) {
      return Error(errno, path_, "close");
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Write(absl::string_view data) {
    while (!data.empty()) {
      const size_t wanted = std::min(data.size(), kMaxTransferBytes);
      const ssize_t n = RetryOnInterrupt(
          [&] { return write(fd_.get(), data.data(), wanted); });
      if (n < 0) return Error(errno, path_, "write");
      data.remove_prefix(n);
    }
    return absl::OkStatus();
  }

  absl::Status Keep(absl::Status status) {
    if (!status.ok()) status_ = status;
    return status;
  }

  const std::string path_;
  Descriptor fd_;
  std::string buffer_;   // appended, not yet written
  absl::Status status_;  // the first error, or that the file is closed
};

}  // namespace

PosixFileSystem& PosixFileSystem::Get() {
  static PosixFileSystem* const files = new PosixFileSystem;
  return *files;
}

absl::StatusOr<std::unique_ptr<ReadableFile>> PosixFileSystem::NewReadableFile(
    absl::string_view path) {
  TRELLIS_ASSIGN_OR_RETURN(std::string name, CPath(path));
  // O_NONBLOCK: opening a pipe that nobody writes to would wait forever.
  Descriptor fd(RetryOnInterrupt(
      [&] { return open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); }));
  if (fd.get() < 0) return Error(errno, path, "open for reading");
  struct stat info;
  if (fstat(fd.get(), &info) < 0) return Error(errno, path, "inspect");
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, S_ISDIR(info.st_mode) ? ": is a folder" : ": is not a file"));
  }
  return std::make_unique<PosixReadableFile>(std::move(name), std::move(fd),
                                             info.st_size);
}

absl::StatusOr<std::unique_ptr<WritableFile>> PosixFileSystem::NewWritableFile(
    absl::string_view path, WriteMode mode) {
  TRELLIS_ASSIGN_OR_RETURN(std::string name, CPath(path));
  const int flags = O_WRONLY | O_CREAT | O_CLOEXEC |
                    (mode == WriteMode::kExclusive ? O_EXCL : O_TRUNC);
  Descriptor fd(
      RetryOnInterrupt([&] { return open(name.c_str(), flags, 0666); }));
  if (fd.get() < 0) return Error(errno, path, "open for writing");
  return std::make_unique<PosixWritableFile>(std::move(name), std::move(fd));
}

absl::Status PosixFileSystem::Rename(absl::string_view from,
                                     absl::string_view to) {
  TRELLIS_ASSIGN_OR_RETURN(const std::string source, CPath(from));
  TRELLIS_ASSIGN_OR_RETURN(const std::string target, CPath(to));
  if (rename(source.c_str(), target.c_str()) < 0) {
    return Error(errno, from, absl::StrCat("rename to ", to));
  }
  return absl::OkStatus();
}

absl::Status PosixFileSystem::Delete(absl::string_view path) {
  TRELLIS_ASSIGN_OR_RETURN(const std::string name, CPath(path));
  if (unlink(name.c_str()) < 0) {
    // POSIX says EPERM for a folder, Linux EISDIR.
    if (errno == EISDIR) {
      return absl::FailedPreconditionError(absl::StrCat(path, ": is a folder"));
    }
    return Error(errno, path, "delete");
  }
  return absl::OkStatus();
}

absl::Status PosixFileSystem::CreateDir(absl::string_view path) {
  TRELLIS_ASSIGN_OR_RETURN(const std::string name, CPath(path));
  if (mkdir(name.c_str(), 0777) < 0) {
    return Error(errno, path, "create the folder");
  }
  return absl::OkStatus();
}

absl::Status PosixFileSystem::DeleteDir(absl::string_view path) {
  TRELLIS_ASSIGN_OR_RETURN(const std::string name, CPath(path));
  if (rmdir(name.c_str()) < 0) {
    if (errno == ENOTEMPTY || errno == EEXIST) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, ": the folder is not empty"));
    }
    return Error(errno, path, "delete the folder");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> PosixFileSystem::List(
    absl::string_view path) {
  TRELLIS_ASSIGN_OR_RETURN(const std::string name, CPath(path));
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(name.c_str()),
                                                closedir);
  if (dir == nullptr) return Error(errno, path, "list");
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = readdir(dir.get());
    if (entry == nullptr) break;
    const absl::string_view child = entry->d_name;
    if (child != "." && child != "..") names.emplace_back(child);
  }
  if (errno != 0) return Error(errno, path, "list");
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<FileInfo> PosixFileSystem::Info(absl::string_view path) {
  TRELLIS_ASSIGN_OR_RETURN(const std::string name, CPath(path));
  struct stat info;
  if (stat(name.c_str(), &info) < 0) {
    // A file where a folder should be: nothing can have this name.
    if (errno == ENOTDIR) {
      return absl::NotFoundError(
          absl::StrCat(path, ": a part of the path is not a folder"));
    }
    return Error(errno, path, "inspect");
  }
  return FileInfo{.size = info.st_size,
                  .is_directory = S_ISDIR(info.st_mode),
                  .modified = absl::TimeFromTimespec(info.st_mtim)};
}

absl::Status PosixFileSystem::SyncDir(absl::string_view path) {
  TRELLIS_ASSIGN_OR_RETURN(const std::string name, CPath(path));
  const Descriptor fd(RetryOnInterrupt(
      [&] { return open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (fd.get() < 0) return Error(errno, path, "open the folder");
  // Some network file systems have no such call for folders.
  if (RetryOnInterrupt([&] { return fsync(fd.get()); }) < 0 &&
      errno != EINVAL && errno != ENOTSUP) {
    return Error(errno, path, "sync the folder");
  }
  return absl::OkStatus();
}

}  // namespace trellis
