#include "trellis/io/memory_file_system.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <random>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "trellis/base/mutex.h"
#include "trellis/base/status_macros.h"

namespace trellis {

struct MemoryFileSystem::Entry {
  using Names = std::map<std::string, std::shared_ptr<Entry>>;

  explicit Entry(bool is_directory) : is_directory(is_directory) {}

  const bool is_directory;
  absl::Time modified = absl::Now();
  // A file: what readers see, and what a crash leaves.
  std::string bytes, durable_bytes;
  // A folder: likewise.
  Names names, durable_names;
};

struct MemoryFileSystem::State {
  Mutex mutex;  // guards everything below
  int64_t crashes = 0;
  std::shared_ptr<Entry> root = std::make_shared<Entry>(true);
};

struct MemoryFileSystem::Location {
  std::shared_ptr<Entry> dir;
  std::string name;

  Entry* child() const {
    const auto it = dir->names.find(name);
    return it == dir->names.end() ? nullptr : it->second.get();
  }
};

namespace {

absl::Status NotFound(absl::string_view path) {
  return absl::NotFoundError(absl::StrCat(path, ": no such file or folder"));
}

absl::Status IsFolder(absl::string_view path) {
  return absl::FailedPreconditionError(absl::StrCat(path, ": is a folder"));
}

absl::Status IsNoFolder(absl::string_view path) {
  return absl::FailedPreconditionError(absl::StrCat(path, ": is not a folder"));
}

absl::StatusOr<std::vector<std::string>> Parts(absl::string_view path) {
  if (path.empty()) return absl::InvalidArgumentError("the path is empty");
  std::vector<std::string> parts;
  for (absl::string_view part : absl::StrSplit(path, '/')) {
    if (part == "..") {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": \"..\" is not supported in memory"));
    }
    if (!part.empty() && part != ".") parts.emplace_back(part);
  }
  return parts;
}

}  // namespace

// One open file; knows when the file system crashed under it.
class MemoryFileSystem::Reader final : public ReadableFile {
 public:
  Reader(std::string path, std::shared_ptr<State> state,
         std::shared_ptr<Entry> entry)
      : path_(std::move(path)),
        state_(std::move(state)),
        entry_(std::move(entry)),
        size_(entry_->bytes.size()),
        crashes_(state_->crashes) {}

  absl::StatusOr<int64_t> Read(int64_t offset,
                               absl::Span<char> buffer) const override {
    const MutexLock lock(state_->mutex);
    if (state_->crashes != crashes_) {
      return absl::AbortedError(absl::StrCat(path_, ": the system crashed"));
    }
    const std::string& bytes = entry_->bytes;
    if (offset >= bytes.size()) return 0;
    const size_t n = std::min(buffer.size(), bytes.size() - offset);
    if (n > 0) std::memcpy(buffer.data(), bytes.data() + offset, n);
    return n;
  }

  int64_t size() const override { return size_; }
  absl::string_view path() const override { return path_; }

 private:
  const std::string path_;
  const std::shared_ptr<State> state_;
  const std::shared_ptr<Entry> entry_;
  const int64_t size_;
  const int64_t crashes_;
};

// Has no buffer of its own: the bytes are visible at once, and durable after
// Sync.
class MemoryFileSystem::Writer final : public WritableFile {
 public:
  Writer(std::string path, std::shared_ptr<State> state,
         std::shared_ptr<Entry> entry)
      : path_(std::move(path)),
        state_(std::move(state)),
        entry_(std::move(entry)),
        crashes_(state_->crashes) {}

  absl::Status Append(absl::string_view data) override {
    return WhileOpen([&] {
      entry_->bytes.append(data.data(), data.size());
      entry_->modified = absl::Now();
    });
  }

  absl::Status Flush() override {
    return WhileOpen([] {});
  }

  absl::Status Sync() override {
    return WhileOpen([&] { entry_->durable_bytes = entry_->bytes; });
  }

  absl::Status Close() override {
    return WhileOpen([&] { closed_ = true; });
  }

 private:
  template <typename Action>
  absl::Status WhileOpen(Action action) {
    const MutexLock lock(state_->mutex);
    if (closed_) {
      return absl::FailedPreconditionError(
          absl::StrCat(path_, ": the file is closed"));
    }
    if (state_->crashes != crashes_) {
      return absl::AbortedError(absl::StrCat(path_, ": the system crashed"));
    }
    action();
    return absl::OkStatus();
  }

  const std::string path_;
  const std::shared_ptr<State> state_;
  const std::shared_ptr<Entry> entry_;
  const int64_t crashes_;
  bool closed_ = false;
};

MemoryFileSystem::MemoryFileSystem() : state_(std::make_shared<State>()) {}
MemoryFileSystem::~MemoryFileSystem() = default;

// Whether `entry` is `wanted` or has it somewhere below.
bool MemoryFileSystem::Contains(const Entry& entry, const Entry* wanted) {
  if (&entry == wanted) return true;
  return std::any_of(entry.names.begin(), entry.names.end(),
                     [&](const auto& name_and_child) {
                       return Contains(*name_and_child.second, wanted);
                     });
}

absl::StatusOr<std::shared_ptr<MemoryFileSystem::Entry>> MemoryFileSystem::Find(
    absl::string_view path) const {
  TRELLIS_ASSIGN_OR_RETURN(const std::vector<std::string> parts, Parts(path));
  std::shared_ptr<Entry> entry = state_->root;
  for (const std::string& part : parts) {
    const auto it = entry->names.find(part);
    if (it == entry->names.end()) return NotFound(path);
    entry = it->second;
  }
  return entry;
}

absl::StatusOr<MemoryFileSystem::Location> MemoryFileSystem::Locate(
    absl::string_view path) const {
  TRELLIS_ASSIGN_OR_RETURN(const std::vector<std::string> parts, Parts(path));
  if (parts.empty()) return IsFolder(path);
  std::shared_ptr<Entry> dir = state_->root;
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    const auto it = dir->names.find(parts[i]);
    if (it == dir->names.end()) return NotFound(path);
    dir = it->second;
  }
  if (!dir->is_directory) return IsNoFolder(path);
  return Location{std::move(dir), parts.back()};
}

absl::StatusOr<std::unique_ptr<ReadableFile>> MemoryFileSystem::NewReadableFile(
    absl::string_view path) {
  const MutexLock lock(state_->mutex);
  TRELLIS_ASSIGN_OR_RETURN(std::shared_ptr<Entry> entry, Find(path));
  if (entry->is_directory) return IsFolder(path);
  return std::make_unique<Reader>(std::string(path), state_, std::move(entry));
}

absl::StatusOr<std::unique_ptr<WritableFile>> MemoryFileSystem::NewWritableFile(
    absl::string_view path, WriteMode mode) {
  const MutexLock lock(state_->mutex);
  TRELLIS_ASSIGN_OR_RETURN(const Location place, Locate(path));
  std::shared_ptr<Entry>& entry = place.dir->names[place.name];
  if (entry == nullptr) {
    entry = std::make_shared<Entry>(false);
  } else if (mode == WriteMode::kExclusive) {
    return absl::AlreadyExistsError(absl::StrCat(path, ": exists already"));
  } else if (entry->is_directory) {
    return IsFolder(path);
  } else {
    entry->bytes.clear();
  }
  return std::make_unique<Writer>(std::string(path), state_, entry);
}

absl::Status MemoryFileSystem::Rename(absl::string_view from,
                                      absl::string_view to) {
  const MutexLock lock(state_->mutex);
  TRELLIS_ASSIGN_OR_RETURN(const Location source, Locate(from));
  TRELLIS_ASSIGN_OR_RETURN(const Location target, Locate(to));
  if (source.child() == nullptr) return NotFound(from);
  if (Contains(*source.child(), target.dir.get())) {
    return absl::InvalidArgumentError(
        absl::StrCat(from, ": cannot move into itself, to ", to));
  }
  if (source.child() == target.child()) return absl::OkStatus();
  if (target.child() != nullptr) {
    if (target.child()->is_directory) return IsFolder(to);
    if (source.child()->is_directory) return IsNoFolder(to);
  }
  target.dir->names[target.name] = std::move(source.dir->names[source.name]);
  source.dir->names.erase(source.name);
  return absl::OkStatus();
}

absl::Status MemoryFileSystem::Delete(absl::string_view path) {
  const MutexLock lock(state_->mutex);
  TRELLIS_ASSIGN_OR_RETURN(const Location place, Locate(path));
  if (place.child() == nullptr) return NotFound(path);
  if (place.child()->is_directory) return IsFolder(path);
  place.dir->names.erase(place.name);
  return absl::OkStatus();
}

absl::Status MemoryFileSystem::CreateDir(absl::string_view path) {
  const MutexLock lock(state_->mutex);
  TRELLIS_ASSIGN_OR_RETURN(const std::vector<std::string> parts, Parts(path));
  if (parts.empty()) {
    return absl::AlreadyExistsError(absl::StrCat(path, ": exists already"));
  }
  TRELLIS_ASSIGN_OR_RETURN(const Location place, Locate(path));
  if (place.child() != nullptr) {
    return absl::AlreadyExistsError(absl::StrCat(path, ": exists already"));
  }
  place.dir->names[place.name] = std::make_shared<Entry>(true);
  return absl::OkStatus();
}

absl::Status MemoryFileSystem::DeleteDir(absl::string_view path) {
  const MutexLock lock(state_->mutex);
  TRELLIS_ASSIGN_OR_RETURN(const Location place, Locate(path));
  const Entry* dir = place.child();
  if (dir == nullptr) return NotFound(path);
  if (!dir->is_directory) return IsNoFolder(path);
  if (!dir->names.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": the folder is not empty"));
  }
  place.dir->names.erase(place.name);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> MemoryFileSystem::List(
    absl::string_view path) {
  const MutexLock lock(state_->mutex);
  TRELLIS_ASSIGN_OR_RETURN(const std::shared_ptr<Entry> dir, Find(path));
  if (!dir->is_directory) return IsNoFolder(path);
  std::vector<std::string> names;
  for (const auto& [name, entry] : dir->names) names.push_back(name);
  return names;
}

absl::StatusOr<FileInfo> MemoryFileSystem::Info(absl::string_view path) {
  const MutexLock lock(state_->mutex);
  TRELLIS_ASSIGN_OR_RETURN(const std::shared_ptr<Entry> entry, Find(path));
  return FileInfo{.size = static_cast<int64_t>(entry->bytes.size()),
                  .is_directory = entry->is_directory,
                  .modified = entry->modified};
}

absl::Status MemoryFileSystem::SyncDir(absl::string_view path) {
  const MutexLock lock(state_->mutex);
  TRELLIS_ASSIGN_OR_RETURN(const std::shared_ptr<Entry> dir, Find(path));
  if (!dir->is_directory) return IsNoFolder(path);
  dir->durable_names = dir->names;
  return absl::OkStatus();
}

void MemoryFileSystem::Crash() {
  const MutexLock lock(state_->mutex);
  ++state_->crashes;
  std::set<Entry*> seen;
  const auto settle = [&](auto& self, Entry& entry) -> void {
    if (!seen.insert(&entry).second) return;
    entry.bytes = entry.durable_bytes;
    entry.names = entry.durable_names;
    for (const auto& [name, child] : entry.names) self(self, *child);
  };
  settle(settle, *state_->root);
}

void MemoryFileSystem::CrashRandomly(uint64_t seed) {
  const MutexLock lock(state_->mutex);
  ++state_->crashes;
  std::mt19937_64 random(seed);
  const auto settle_bytes = [&](Entry& file) {
    if (file.bytes == file.durable_bytes) return;
    switch (random() % 4) {
      case 0:
        file.bytes = file.durable_bytes;
        break;
      case 1:
        break;
      case 2:
        file.bytes.resize(random() % (file.bytes.size() + 1));
        break;
      case 3:
        file.bytes.assign(file.bytes.size(), '\0');
        break;
    }
    file.durable_bytes = file.bytes;
  };
  const auto settle_names = [&](Entry& dir) {
    for (const auto& [name, old_child] : dir.durable_names) {
      const auto it = dir.names.find(name);
      const bool same = it != dir.names.end() && it->second == old_child;
      if (!same && random() % 2 == 0) dir.names[name] = old_child;
    }
    for (auto it = dir.names.begin(); it != dir.names.end();) {
      const bool is_new = dir.durable_names.count(it->first) == 0;
      it = is_new && random() % 2 == 0 ? dir.names.erase(it) : std::next(it);
    }
    dir.durable_names = dir.names;
  };
  std::set<Entry*> seen;
  const auto settle = [&](auto& self, Entry& entry) -> void {
    if (!seen.insert(&entry).second) return;
    if (!entry.is_directory) return settle_bytes(entry);
    settle_names(entry);
    for (const auto& [name, child] : entry.names) self(self, *child);
  };
  settle(settle, *state_->root);
}

}  // namespace trellis
