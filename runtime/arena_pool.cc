#include "trellis/runtime/arena_pool.h"

#include <algorithm>

namespace trellis {

absl::StatusOr<std::shared_ptr<Buffer>> ArenaPool::Lease(size_t bytes) {
  {
    MutexLock lock(mutex_);
    const auto it = std::lower_bound(
        free_.begin(), free_.end(), bytes,
        [](const auto& block, size_t n) { return block->bytes() < n; });
    if (it != free_.end()) {
      std::shared_ptr<Buffer> block = std::move(*it);
      free_.erase(it);
      return block;
    }
    if (!free_.empty()) free_.pop_back();
  }
  return device_.Allocate(bytes, "arena");
}

void ArenaPool::Return(std::shared_ptr<Buffer> block) {
  MutexLock lock(mutex_);
  const auto at = std::upper_bound(
      free_.begin(), free_.end(), block->bytes(),
      [](size_t n, const auto& other) { return n < other->bytes(); });
  free_.insert(at, std::move(block));
}

absl::Status ArenaPool::Reserve(int count, size_t bytes) {
  std::vector<std::shared_ptr<Buffer>> blocks;
  absl::Status status;
  while (status.ok() && static_cast<int>(blocks.size()) < count) {
    absl::StatusOr<std::shared_ptr<Buffer>> block = Lease(bytes);
    status = block.status();
    if (block.ok()) blocks.push_back(*std::move(block));
  }
  for (std::shared_ptr<Buffer>& block : blocks) Return(std::move(block));
  return status;
}

void ArenaPool::Trim() {
  MutexLock lock(mutex_);
  free_.clear();
}

size_t ArenaPool::free_bytes() const {
  MutexLock lock(mutex_);
  size_t bytes = 0;
  for (const auto& block : free_) bytes += block->bytes();
  return bytes;
}

}  // namespace trellis
