// A device type FAKE for tests: asynchronous as a GPU is, but made of threads.
//
//   * Its memory has addresses that fault when anything but its own kernels and
//     copies touches them (FakeMemory).
//   * Its kernels run later, in the thread of a queue, after random delays
//     (FakeStream), and their errors are late.
//   * Copies between it and the host are explicit.
//
// What runs on it is ready for a GPU. Its kernels (fake_kernels.h) are those of
// the CPU, so results are equal bit for bit.
#ifndef TRELLIS_TESTS_FAKE_DEVICE_FAKE_DEVICE_H_
#define TRELLIS_TESTS_FAKE_DEVICE_FAKE_DEVICE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/base/mutex.h"
#include "trellis/runtime/device.h"
#include "trellis/tests/fake_device/fake_memory.h"

namespace trellis {

inline constexpr absl::string_view kFake = "FAKE";

// Makes kernels of FAKE devices fail. Thread-safe.
class FakeFaults {
 public:
  // The kernel of this node, or of nodes of this op, fails late with `error` at
  // the `execution`-th time (1 is the next) that it runs from now on; once.
  void FailAt(absl::string_view node_or_op, int execution, absl::Status error);

  // For kernels, in the queue's thread: OK, or the error that is due.
  absl::Status Execute(absl::string_view node, absl::string_view op);

 private:
  struct Fault {
    std::string name;
    int executions_left;
    absl::Status error;
  };

  Mutex mutex_;
  std::vector<Fault> faults_;  // guarded by mutex_
};

struct FakeOptions {
  // How many there are where a session's options do not say.
  int count = 1;
  // Above the CPU's: placement prefers a FAKE, as it would a GPU.
  int priority = 10;
  size_t memory_bytes = size_t{1} << 30;
  // Of the random delays of queues.
  uint64_t seed = 1;
  int max_delay_us = 200;
  // Outlives the devices; null: nothing fails.
  FakeFaults* faults = nullptr;
};

class FakeDevice final : public Device {
 public:
  // ResourceExhausted if the system has no address space for its memory.
  static absl::StatusOr<std::unique_ptr<FakeDevice>> Make(
      int index, const FakeOptions& options = {});

  const FakeMemory& memory() const { return *memory_; }
  // OK, or the error that is due for a kernel of this node.
  absl::Status Execute(absl::string_view node, absl::string_view op);

  bool is_host() const override { return false; }
  std::string description() const override;
  absl::StatusOr<std::shared_ptr<Buffer>> Allocate(
      size_t bytes, absl::string_view owner) override;
  std::unique_ptr<Stream> NewStream() override;
  // Internal, at once, if what is to be on the device is not, or the reverse.
  absl::Status CopyFromHost(Stream& stream, int step, void* dst,
                            const void* src, size_t bytes) override;
  absl::Status CopyToHost(Stream& stream, int step, void* dst, const void* src,
                          size_t bytes) override;
  absl::Status CopyOnDevice(Stream& stream, int step, void* dst,
                            const void* src, size_t bytes) override;

 private:
  FakeDevice(int index, const FakeOptions& options,
             std::shared_ptr<FakeMemory> memory);

  absl::Status CheckIsHost(const void* address) const;

  const FakeOptions options_;
  const std::shared_ptr<FakeMemory> memory_;
  std::atomic<uint64_t> streams_ = 0;  // made so far: part of their seeds
};

void RegisterFakeDevices(DeviceRegistry& registry, FakeOptions options = {});

}  // namespace trellis

#endif  // TRELLIS_TESTS_FAKE_DEVICE_FAKE_DEVICE_H_
