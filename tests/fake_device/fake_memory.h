// Memory with an address space of its own, as a GPU's: the addresses that are
// handed out have no access rights, so whoever touches them directly faults.
//
//   addresses  [ no access                 ]   what plans and kernels pass
//   around backing    [ the bytes                 ]   what the device's own
//   threads use
//
// Both are regions of one size; an address and its bytes have one offset.
#ifndef TRELLIS_TESTS_FAKE_DEVICE_FAKE_MEMORY_H_
#define TRELLIS_TESTS_FAKE_DEVICE_FAKE_MEMORY_H_

#include <cstddef>
#include <map>
#include <memory>

#include "absl/status/statusor.h"
#include "trellis/base/mutex.h"

namespace trellis {

// Thread-safe.
class FakeMemory {
 public:
  // ResourceExhausted if the system has no address space for it.
  static absl::StatusOr<std::shared_ptr<FakeMemory>> Make(size_t capacity);
  FakeMemory(const FakeMemory&) = delete;
  FakeMemory& operator=(const FakeMemory&) = delete;
  ~FakeMemory();

  // 64-byte aligned. Every byte is 0xff, so that floats nobody wrote are NaN;
  // so it is after Free. ResourceExhausted where they cannot be had.
  absl::StatusOr<void*> Allocate(size_t bytes);
  // REQUIRES: an address from Allocate.
  void Free(void* address);

  bool Contains(const void* address) const;
  // The bytes behind [address, address + bytes).
  // Internal unless they lie in one allocation.
  absl::StatusOr<char*> Backing(const void* address, size_t bytes) const;

  size_t allocated_bytes() const;

 private:
  FakeMemory(char* addresses, char* backing, size_t capacity)
      : addresses_(addresses), backing_(backing), capacity_(capacity) {}

  char* const addresses_;
  char* const backing_;
  const size_t capacity_;
  mutable Mutex mutex_;
  std::map<size_t, size_t> blocks_;  // offset -> size; guarded by mutex_
};

}  // namespace trellis

#endif  // TRELLIS_TESTS_FAKE_DEVICE_FAKE_MEMORY_H_
