// What a run enqueues on one GPU: kernels on one CUDA stream, copies to and
// from the host on two others, so that the copy engines of the GPU serve each
// run apart from what other runs compute.
//
//   compute   ---K1---K2--.          .--K3---
//   to GPU    --C1-'       \        /
//   from GPU                '--C2--'
//
// Work of one run stays in the order in which it was enqueued, on whichever
// stream: an arena gives the bytes of a value to another as soon as its last
// use is enqueued. Where the stream changes, an event joins them.
//
// Copies go through pinned memory. To the GPU: the source is read before the
// call returns. From the GPU: what arrived is moved to its place when the host
// waits for a point behind it.
#ifndef TRELLIS_RUNTIME_CUDA_QUEUE_H_
#define TRELLIS_RUNTIME_CUDA_QUEUE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "trellis/runtime/cuda_allocator.h"
#include "trellis/runtime/cuda_driver.h"
#include "trellis/runtime/cuda_pinned_pool.h"
#include "trellis/runtime/kernel/cuda_stream.h"

namespace trellis {

// What a GPU that is in use has; its members go in the reverse order.
struct CudaDeviceState {
  CudaDeviceState(std::unique_ptr<CudaContext> c, size_t memory_limit)
      : context(std::move(c)),
        memory(*context, memory_limit),
        pinned(*context) {}

  const std::unique_ptr<CudaContext> context;
  CudaAllocator memory;
  CudaPinnedPool pinned;
};

// Used by one run at a time. Streams and events are made when first needed.
class CudaQueue final : public CudaStream {
 public:
  // Where the GPU could not be opened, everything that is enqueued fails with
  // that error.
  explicit CudaQueue(absl::StatusOr<std::shared_ptr<CudaDeviceState>> device)
      : device_(std::move(device)) {}
  CudaQueue(const CudaQueue&) = delete;
  CudaQueue& operator=(const CudaQueue&) = delete;
  // Waits for everything that was enqueued.
  ~CudaQueue() override;

  // REQUIRES of each: bytes > 0.
  absl::Status CopyFromHost(void* dst, const void* src, size_t bytes);
  absl::Status CopyToHost(void* dst, const void* src, size_t bytes);
  absl::Status CopyOnDevice(void* dst, const void* src, size_t bytes);

  absl::StatusOr<void*> BeginLaunch() override;
  absl::StatusOr<int64_t*> BeginCheck() override;
  absl::Status EndCheck(int step, int64_t* word,
                        std::function<absl::Status(int64_t)> error) override;

  // The driver does not tell which launch broke the GPU: failed_step() is of
  // checks only. What follows a failed check is still done, with whatever the
  // failed kernel left.
  uint64_t Record() override;
  absl::Status WaitFor(uint64_t point) override;
  int failed_step() const override { return failed_step_; }
  void Reset() override;

  // More than this many bytes in pinned memory make a copy to the GPU wait, and
  // a copy from it go straight to its place.
  static constexpr size_t kMaxStaged = size_t{32} << 20;
  // How many checks may be under way.
  static constexpr int kMaxChecks = 64;

 private:
  enum Lane { kCompute, kToGpu, kFromGpu, kNumLanes };

  // In use until the queue has passed the point.
  struct UsedEvent {
    CudaEventHandle event;
    uint64_t point;
  };
  struct Staged {
    CudaPinnedPool::Block block;
    uint64_t point;
    void* dst;  // in the host's memory; null: the copy was the other way
    size_t bytes;
  };
  struct Check {
    int step;
    uint64_t point;
    const int64_t* result;  // in pinned memory
    std::function<absl::Status(int64_t)> error;
  };

  // REQUIRES: device_ is OK.
  CudaContext& context() { return *(*device_)->context; }
  CudaAllocator& memory() { return (*device_)->memory; }
  CudaPinnedPool& pinned() { return (*device_)->pinned; }
  // The stream of the lane, joined behind the lane that was used last.
  absl::StatusOr<CudaStreamHandle> Enter(Lane lane);
  absl::StatusOr<CudaEventHandle> RecordEvent(CudaStreamHandle stream);
  absl::Status MakeCheckMemory();
  // The number of the next point that is recorded.
  uint64_t next_point() const { return recorded_ + 1; }
  absl::Status Drain() { return WaitFor(Record()); }
  void Deliver(uint64_t point, bool arrived);
  void RecycleEvents(uint64_t point);
  void Fail(absl::Status error, int step);

  const absl::StatusOr<std::shared_ptr<CudaDeviceState>> device_;
  std::array<CudaStreamHandle, kNumLanes> streams_ = {};
  int last_lane_ = -1;  // -1: nothing is under way

  std::vector<CudaEventHandle> free_events_;
  std::deque<UsedEvent> used_events_;  // by point
  std::deque<UsedEvent> points_;       // recorded, not yet passed
  uint64_t recorded_ = 0;
  bool behind_ = false;  // something was enqueued after the last point

  std::deque<Staged> staged_;  // by point
  size_t staged_bytes_ = 0;

  std::deque<Check> checks_;        // by point
  int64_t* check_words_ = nullptr;  // kMaxChecks, on the GPU
  CudaPinnedPool::Block check_results_;
  int next_check_ = 0;

  absl::Status error_;
  int failed_step_ = -1;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_CUDA_QUEUE_H_
