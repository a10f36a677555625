// Memory for tensors and arenas.
#ifndef TRELLIS_BASE_ALIGNED_MEMORY_H_
#define TRELLIS_BASE_ALIGNED_MEMORY_H_

#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"

namespace trellis {

// Every block begins on a cache line, which is also the widest vector.
inline constexpr int64_t kMemoryAlignment = 64;
// Blocks of at least this size are mapped on their own, begin on a multiple of
// it and ask for huge pages: the first touch of memory then costs less than
// half, and fewer TLB entries cover it.
inline constexpr int64_t kHugePageSize = int64_t{2} << 20;

// Owns a block of memory and frees it. Its contents are undefined at first.
// Movable; a moved-from block is empty. Not synchronized.
class AlignedBlock {
 public:
  struct Options {
    // Have the pages at once, so that no first touch interrupts a step.
    bool prefault = false;
  };

  // An empty block: data() is null.
  AlignedBlock() = default;
  // A block of `bytes` bytes; 0 gives an empty one. Errors: InvalidArgument if
  // bytes < 0; ResourceExhausted if the system does not give that much.
  static absl::StatusOr<AlignedBlock> Allocate(int64_t bytes, Options options);
  static absl::StatusOr<AlignedBlock> Allocate(int64_t bytes) {
    return Allocate(bytes, Options());
  }

  AlignedBlock(AlignedBlock&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  AlignedBlock& operator=(AlignedBlock&& other) noexcept {
    AlignedBlock taken(std::move(other));
    std::swap(data_, taken.data_);
    std::swap(size_, taken.size_);
    return *this;
  }
  ~AlignedBlock();

  void* data() const { return data_; }
  // In bytes, as asked for.
  int64_t size() const { return size_; }

 private:
  AlignedBlock(void* data, int64_t size) : data_(data), size_(size) {}

  void* data_ = nullptr;
  int64_t size_ = 0;
};

}  // namespace trellis

#endif  // TRELLIS_BASE_ALIGNED_MEMORY_H_
