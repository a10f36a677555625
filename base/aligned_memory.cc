#include "trellis/base/aligned_memory.h"

#include <sys/mman.h>

#include <cstdlib>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/checked_int.h"

namespace trellis {
namespace {

constexpr int64_t kPageSize = 4096;  // the smallest there is on x86-64

bool IsMapped(int64_t bytes) { return bytes >= kHugePageSize; }

// The length of the mapping that holds a block of `bytes`.
std::optional<int64_t> MappedSize(int64_t bytes) {
  return CheckedRoundUp(bytes, kHugePageSize);
}

// Maps `size` bytes, a multiple of kHugePageSize, at a multiple of it; null if
// that cannot be had. mmap only promises small pages, so one huge page more is
// mapped, and what sticks out at both ends is given back.
void* MapHuge(int64_t size) {
  const std::optional<int64_t> with_slack = CheckedAdd(size, kHugePageSize);
  if (!with_slack) return nullptr;
  void* mapping = mmap(nullptr, *with_slack, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) return nullptr;
  char* const begin = static_cast<char*>(mapping);
  const int64_t misalignment =
      reinterpret_cast<uintptr_t>(begin) % kHugePageSize;
  const int64_t head = misalignment == 0 ? 0 : kHugePageSize - misalignment;
  const int64_t tail = kHugePageSize - head;
  if (head > 0) munmap(begin, head);
  if (tail > 0) munmap(begin + head + size, tail);
  // A kernel without huge pages says no, and small pages do as well.
  madvise(begin + head, size, MADV_HUGEPAGE);
  return begin + head;
}

// A write to each page makes the kernel find memory for it.
void Prefault(void* data, int64_t bytes) {
  volatile char* const begin = static_cast<char*>(data);
  for (int64_t i = 0; i < bytes; i += kPageSize) begin[i] = 0;
}

}  // namespace

absl::StatusOr<AlignedBlock> AlignedBlock::Allocate(int64_t bytes,
                                                    Options options) {
  if (bytes < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("a block of ", bytes, " bytes was asked for"));
  }
  if (bytes == 0) return AlignedBlock();
  const std::optional<int64_t> size =
      IsMapped(bytes) ? MappedSize(bytes)
                      : CheckedRoundUp(bytes, kMemoryAlignment);
  void* data = nullptr;
  if (size) {
    data = IsMapped(bytes) ? MapHuge(*size)
                           : std::aligned_alloc(kMemoryAlignment, *size);
  }
  if (data == nullptr) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the system has no ", bytes, " bytes of memory for us"));
  }
  if (options.prefault) Prefault(data, bytes);
  return AlignedBlock(data, bytes);
}

AlignedBlock::~AlignedBlock() {
  if (data_ == nullptr) return;
  if (IsMapped(size_)) {
    munmap(data_, *MappedSize(size_));
  } else {
    std::free(data_);
  }
}

}  // namespace trellis
