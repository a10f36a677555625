// The memory of one GPU for one session: blocks cut from regions that are taken
// from the driver with cudaMalloc and kept, as taking and giving back stops the
// GPU.
//
//   region   [ block | block (free) | block | block (free)            ]
//
// A request gets the smallest free block that is large enough; what is left of
// it stays free. Neighbours that are free become one. Where no block fits, a
// region is added, each twice as large as the one before, or, near the limit,
// as large as needed.
//
// Blocks are handed out and taken back by the host: whoever gives one back has
// waited for the GPU's work on it.
#ifndef TRELLIS_RUNTIME_CUDA_ALLOCATOR_H_
#define TRELLIS_RUNTIME_CUDA_ALLOCATOR_H_

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/base/mutex.h"
#include "trellis/runtime/cuda_driver.h"

namespace trellis {

// Thread-safe.
class CudaAllocator {
 public:
  // Sizes and addresses of blocks are multiples of this.
  static constexpr size_t kAlignment = 256;
  static constexpr size_t kFirstRegion = size_t{1} << 20;
  static constexpr size_t kLargestRegion = size_t{1} << 30;

  // `context` outlives the allocator. All regions together have at most
  // `limit` bytes; 0: as many as the driver gives.
  CudaAllocator(CudaContext& context, size_t limit)
      : context_(context), limit_(limit) {}
  CudaAllocator(const CudaAllocator&) = delete;
  CudaAllocator& operator=(const CudaAllocator&) = delete;
  // Gives everything back. REQUIRES: all blocks were freed.
  ~CudaAllocator();

  // `owner` is whom the memory is for (a node, a variable, "arena"): what a
  // report calls it. Of 0 bytes, too, every block has an address of its own.
  // ResourceExhausted, with the report, where the driver or the limit has no
  // more and free regions were given back in vain; other errors are the
  // driver's.
  absl::StatusOr<void*> Allocate(size_t bytes, absl::string_view owner);
  // REQUIRES: an address from Allocate.
  void Free(void* address);
  // Gives regions back that are free as a whole.
  void Trim();

  size_t region_bytes() const;  // taken from the driver
  size_t used_bytes() const;    // handed out

  // Who holds how much, the largest first, as the error has it: "in use: 3.1
  // MiB by arena, 512 KiB by w; free in pieces: 1 MiB; limit: 4 MiB".
  std::string Report() const;

 private:
  struct Block {
    size_t bytes = 0;
    bool free = true;
    bool starts_region = false;
    std::string owner;  // while it is not free
  };
  using Blocks = std::map<char*, Block>;  // by address

  absl::StatusOr<Blocks::iterator> Find(size_t bytes);
  absl::StatusOr<Blocks::iterator> AddRegion(size_t bytes);
  absl::StatusOr<Blocks::iterator> TakeRegion(size_t bytes);
  void MarkFree(Blocks::iterator block);
  void Unmark(Blocks::iterator block);
  void JoinNext(Blocks::iterator block);
  bool IsWholeRegion(Blocks::iterator block) const;
  void TrimLocked();
  std::string ReportLocked() const;

  CudaContext& context_;
  const size_t limit_;
  mutable Mutex mutex_;  // guards all below
  Blocks blocks_;
  std::set<std::pair<size_t, char*>> free_;  // size, address
  size_t next_region_ = kFirstRegion;
  size_t region_bytes_ = 0;
  size_t used_bytes_ = 0;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_CUDA_ALLOCATOR_H_
