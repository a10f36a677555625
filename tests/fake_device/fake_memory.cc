#include "trellis/tests/fake_device/fake_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "trellis/base/check.h"

namespace trellis {
namespace {

constexpr size_t kAlignment = 64;
constexpr int kUnwritten = 0xff;

char* Map(size_t bytes, int rights) {
  void* address = mmap(nullptr, bytes, rights,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return address == MAP_FAILED ? nullptr : static_cast<char*>(address);
}

}  // namespace

absl::StatusOr<std::shared_ptr<FakeMemory>> FakeMemory::Make(size_t capacity) {
  char* addresses = Map(capacity, PROT_NONE);
  char* backing = Map(capacity, PROT_READ | PROT_WRITE);
  if (addresses == nullptr || backing == nullptr) {
    if (addresses != nullptr) munmap(addresses, capacity);
    if (backing != nullptr) munmap(backing, capacity);
    return absl::ResourceExhaustedError(
        absl::StrCat("no address space of ", capacity, " bytes"));
  }
  return std::shared_ptr<FakeMemory>(
      new FakeMemory(addresses, backing, capacity));
}

FakeMemory::~FakeMemory() {
  munmap(addresses_, capacity_);
  munmap(backing_, capacity_);
}

absl::StatusOr<void*> FakeMemory::Allocate(size_t bytes) {
  // An empty allocation has an address of its own, too.
  const size_t size =
      (std::max<size_t>(bytes, 1) + kAlignment - 1) / kAlignment * kAlignment;
  MutexLock lock(mutex_);
  size_t offset = 0;
  for (const auto& [begin, length] : blocks_) {
    if (begin - offset >= size) break;
    offset = begin + length;
  }
  if (bytes > capacity_ || size > capacity_ - offset) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "a FAKE device has no ", bytes, " bytes left of ", capacity_));
  }
  blocks_[offset] = size;
  std::memset(backing_ + offset, kUnwritten, size);
  return addresses_ + offset;
}

void FakeMemory::Free(void* address) {
  MutexLock lock(mutex_);
  const auto it = blocks_.find(static_cast<char*>(address) - addresses_);
  TRELLIS_CHECK(it != blocks_.end()) << "not allocated here";
  std::memset(backing_ + it->first, kUnwritten, it->second);
  blocks_.erase(it);
}

bool FakeMemory::Contains(const void* address) const {
  const char* a = static_cast<const char*>(address);
  return a >= addresses_ && a < addresses_ + capacity_;
}

absl::StatusOr<char*> FakeMemory::Backing(const void* address,
                                          size_t bytes) const {
  if (!Contains(address)) {
    return absl::InternalError("an address outside of the FAKE's memory");
  }
  const size_t offset = static_cast<const char*>(address) - addresses_;
  MutexLock lock(mutex_);
  auto it = blocks_.upper_bound(offset);
  if (it != blocks_.begin()) --it;
  if (it == blocks_.end() || offset < it->first ||
      offset - it->first > it->second ||
      bytes > it->second - (offset - it->first)) {
    return absl::InternalError(absl::StrCat(
        bytes, " bytes of a FAKE that lie in no allocation of it"));
  }
  return backing_ + offset;
}

size_t FakeMemory::allocated_bytes() const {
  MutexLock lock(mutex_);
  size_t bytes = 0;
  for (const auto& [offset, size] : blocks_) bytes += size;
  return bytes;
}

}  // namespace trellis
