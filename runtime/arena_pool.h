// The arenas of a session on one device: blocks that runs lease, shared by all
// plans, so that memory is what the largest runs in progress need.
#ifndef TRELLIS_RUNTIME_ARENA_POOL_H_
#define TRELLIS_RUNTIME_ARENA_POOL_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "trellis/base/mutex.h"
#include "trellis/runtime/device.h"

namespace trellis {

// Thread-safe.
class ArenaPool {
 public:
  explicit ArenaPool(Device& device) : device_(device) {}

  // The smallest free block that is large enough. If there is none, a free
  // block is given back for a new one: the pool has no more blocks than there
  // were runs at once.
  absl::StatusOr<std::shared_ptr<Buffer>> Lease(size_t bytes);
  void Return(std::shared_ptr<Buffer> block);
  // Makes blocks until `count` runs at once would each find one of `bytes`.
  // Blocks that are leased meanwhile do not count.
  absl::Status Reserve(int count, size_t bytes);
  // Gives all free blocks back to the device.
  void Trim();
  size_t free_bytes() const;

 private:
  Device& device_;
  mutable Mutex mutex_;
  std::vector<std::shared_ptr<Buffer>> free_;  // guarded by mutex_; by size
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_ARENA_POOL_H_
