// Pinned host memory in blocks that are kept: pinning a page costs more than
// copying it.
#ifndef TRELLIS_RUNTIME_CUDA_PINNED_POOL_H_
#define TRELLIS_RUNTIME_CUDA_PINNED_POOL_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "trellis/base/mutex.h"
#include "trellis/runtime/cuda_driver.h"

namespace trellis {

// Thread-safe.
class CudaPinnedPool {
 public:
  // The sizes of blocks: powers of two between these.
  static constexpr size_t kSmallest = size_t{4} << 10;
  static constexpr size_t kLargest = size_t{4} << 20;

  struct Block {
    char* data = nullptr;
    size_t bytes = 0;
  };

  // `context` outlives the pool.
  explicit CudaPinnedPool(CudaContext& context) : context_(context) {}
  CudaPinnedPool(const CudaPinnedPool&) = delete;
  CudaPinnedPool& operator=(const CudaPinnedPool&) = delete;
  // REQUIRES: every block was returned.
  ~CudaPinnedPool() { Trim(); }

  // A block of at least `bytes`. REQUIRES: bytes <= kLargest.
  // Errors: the driver's.
  absl::StatusOr<Block> Lease(size_t bytes);
  // REQUIRES: the GPU is done with it.
  void Return(Block block);
  // Gives the blocks that are not leased back to the system.
  void Trim();

 private:
  CudaContext& context_;
  Mutex mutex_;
  std::vector<Block> free_;  // guarded by mutex_
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_CUDA_PINNED_POOL_H_
