// A CUDA driver without a GPU, as lazy as one may be: what is enqueued is done
// when somebody waits for it, and no earlier, stream by stream. So whoever does
// not join two streams by an event, or reads before waiting, sees the bytes
// from before.
//
// The memory of its GPUs is the host's (its kernels, in tests, are functions of
// the host); new memory is full of 0xff, and what is given back is checked.
#ifndef TRELLIS_TESTS_RUNTIME_CUDA_FAKE_CUDA_DRIVER_H_
#define TRELLIS_TESTS_RUNTIME_CUDA_FAKE_CUDA_DRIVER_H_

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "trellis/runtime/cuda_driver.h"

namespace trellis {

class FakeCudaContext;

// Thread-safe. Outlives its contexts.
class FakeCudaDriver final : public CudaDriver {
 public:
  explicit FakeCudaDriver(std::vector<CudaDeviceInfo> devices)
      : devices_(std::move(devices)) {}

  absl::StatusOr<int> CountDevices() override;
  absl::StatusOr<CudaDeviceInfo> Describe(int device) override;
  absl::StatusOr<std::unique_ptr<CudaContext>> MakeContext(int device) override;

  // Enqueues a function of the host, as if it were a kernel; the log has it as
  // `name`.
  static void Launch(CudaStreamHandle stream, std::function<void()> kernel,
                     std::string name = "kernel");

  // From the `call`-th call of the function on (1 is the next), it fails.
  void FailFrom(const std::string& function, int call, absl::Status error);

  // Made and not yet given back.
  struct Counts {
    int contexts = 0, allocations = 0, pinned = 0, streams = 0, events = 0;
    int graphs = 0, execs = 0;
    bool operator==(const Counts&) const = default;
  };
  Counts counts() const;
  // Contexts that were ever made of a device.
  int opened(int device) const;
  size_t device_bytes() const;  // allocated now
  // How often the function was called.
  int calls(const std::string& function) const;
  // "copy 12 to device; kernel; ..." in the order in which it was done.
  std::string log() const;
  void clear_log();

 private:
  friend class FakeCudaContext;

  struct Item {
    std::string name;  // "" for a wait for an event
    std::function<void()> work;
  };
  struct Queue {
    FakeCudaDriver* driver;
    std::deque<Item> items;
    size_t done = 0;  // items that were taken off the front
    // While what it is given is captured.
    bool capturing = false;
    std::thread::id capturer;
    bool spoilt = false;  // by a call that a capture forbids
    std::vector<Item> captured;
  };
  using Graph = std::vector<Item>;
  struct Event {
    Queue* queue = nullptr;  // null: never recorded
    size_t until = 0;
  };

  // OK, or the error that is due. Counts the call.
  absl::Status Call(const std::string& function);
  // An error, which spoils the capture, if the calling thread is capturing.
  absl::Status Uncapturable(const std::string& function);
  void RunUntil(Queue& queue, size_t until);
  void Enqueue(CudaStreamHandle stream, std::string name,
               std::function<void()> work);

  const std::vector<CudaDeviceInfo> devices_;
  // Recursive, as a kernel may ask about the driver.
  mutable std::recursive_mutex mutex_;  // guards all below
  std::map<std::string, int> calls_;
  std::map<std::string, std::pair<int, absl::Status>> faults_;
  std::map<int, int> opened_;
  std::map<void*, size_t> allocations_;
  std::map<void*, size_t> pinned_;
  std::map<void*, std::unique_ptr<Queue>> streams_;
  std::map<void*, std::shared_ptr<Event>> events_;
  std::map<void*, std::unique_ptr<Graph>> graphs_;
  std::map<void*, std::unique_ptr<Graph>> execs_;
  int contexts_ = 0;
  size_t device_bytes_ = 0;
  std::string log_;
};

}  // namespace trellis

#endif  // TRELLIS_TESTS_RUNTIME_CUDA_FAKE_CUDA_DRIVER_H_
