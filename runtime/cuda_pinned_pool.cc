#include "trellis/runtime/cuda_pinned_pool.h"

#include <algorithm>
#include <bit>

#include "trellis/base/status_macros.h"

namespace trellis {

absl::StatusOr<CudaPinnedPool::Block> CudaPinnedPool::Lease(size_t bytes) {
  const size_t size = std::bit_ceil(std::max(bytes, kSmallest));
  {
    MutexLock lock(mutex_);
    const auto it =
        std::find_if(free_.begin(), free_.end(),
                     [&](const Block& b) { return b.bytes == size; });
    if (it != free_.end()) {
      const Block block = *it;
      *it = free_.back();
      free_.pop_back();
      return block;
    }
  }
  TRELLIS_ASSIGN_OR_RETURN(void* const data, context_.AllocatePinned(size));
  return Block{static_cast<char*>(data), size};
}

void CudaPinnedPool::Return(Block block) {
  MutexLock lock(mutex_);
  free_.push_back(block);
}

void CudaPinnedPool::Trim() {
  MutexLock lock(mutex_);
  // Nothing can be done about a GPU that is lost.
  for (const Block& block : free_) (void)context_.FreePinned(block.data);
  free_.clear();
}

}  // namespace trellis
