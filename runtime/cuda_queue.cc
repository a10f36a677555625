#include "trellis/runtime/cuda_queue.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "trellis/base/status_macros.h"

namespace trellis {

CudaQueue::~CudaQueue() {
  Reset();
  // Of a GPU that is lost the driver gives errors here that nobody can mend.
  for (CudaStreamHandle stream : streams_) {
    if (stream != nullptr) (void)context().DestroyStream(stream);
  }
  for (CudaEventHandle event : free_events_) {
    (void)context().DestroyEvent(event);
  }
  if (check_words_ != nullptr) memory().Free(check_words_);
  if (check_results_.data != nullptr) pinned().Return(check_results_);
}

absl::StatusOr<CudaStreamHandle> CudaQueue::Enter(Lane lane) {
  TRELLIS_RETURN_IF_ERROR(device_.status());
  CudaStreamHandle& stream = streams_[lane];
  if (stream == nullptr) {
    TRELLIS_ASSIGN_OR_RETURN(stream, context().CreateStream());
  }
  if (last_lane_ >= 0 && last_lane_ != lane) {
    TRELLIS_ASSIGN_OR_RETURN(const CudaEventHandle join,
                             RecordEvent(streams_[last_lane_]));
    used_events_.push_back({join, next_point()});
    TRELLIS_RETURN_IF_ERROR(context().Wait(stream, join));
  }
  last_lane_ = lane;
  behind_ = true;
  return stream;
}

absl::StatusOr<CudaEventHandle> CudaQueue::RecordEvent(
    CudaStreamHandle stream) {
  if (free_events_.empty()) {
    TRELLIS_ASSIGN_OR_RETURN(const CudaEventHandle made,
                             context().CreateEvent());
    free_events_.push_back(made);
  }
  const CudaEventHandle event = free_events_.back();
  TRELLIS_RETURN_IF_ERROR(context().Record(event, stream));
  free_events_.pop_back();
  return event;
}

absl::Status CudaQueue::CopyFromHost(void* dst, const void* src, size_t bytes) {
  TRELLIS_RETURN_IF_ERROR(device_.status());
  auto* to = static_cast<char*>(dst);
  const auto* from = static_cast<const char*>(src);
  while (bytes > 0) {
    const size_t n = std::min(bytes, CudaPinnedPool::kLargest);
    if (staged_bytes_ + n > kMaxStaged) TRELLIS_RETURN_IF_ERROR(Drain());
    TRELLIS_ASSIGN_OR_RETURN(const CudaPinnedPool::Block block,
                             pinned().Lease(n));
    staged_.push_back({block, next_point(), nullptr, n});
    staged_bytes_ += n;
    std::memcpy(block.data, from, n);
    TRELLIS_ASSIGN_OR_RETURN(const CudaStreamHandle stream, Enter(kToGpu));
    TRELLIS_RETURN_IF_ERROR(context().CopyFromHost(to, block.data, n, stream));
    to += n;
    from += n;
    bytes -= n;
  }
  return absl::OkStatus();
}

absl::Status CudaQueue::CopyToHost(void* dst, const void* src, size_t bytes) {
  TRELLIS_RETURN_IF_ERROR(device_.status());
  if (staged_bytes_ + bytes > kMaxStaged) {
    TRELLIS_ASSIGN_OR_RETURN(const CudaStreamHandle stream, Enter(kFromGpu));
    return context().CopyToHost(dst, src, bytes, stream);
  }
  auto* to = static_cast<char*>(dst);
  const auto* from = static_cast<const char*>(src);
  while (bytes > 0) {
    const size_t n = std::min(bytes, CudaPinnedPool::kLargest);
    TRELLIS_ASSIGN_OR_RETURN(const CudaPinnedPool::Block block,
                             pinned().Lease(n));
    absl::StatusOr<CudaStreamHandle> stream = Enter(kFromGpu);
    absl::Status enqueued = stream.status();
    if (stream.ok()) {
      enqueued = context().CopyToHost(block.data, from, n, *stream);
    }
    // The block comes back with the point, and with it the bytes if there are
    // any.
    staged_.push_back({block, next_point(), enqueued.ok() ? to : nullptr, n});
    staged_bytes_ += n;
    TRELLIS_RETURN_IF_ERROR(enqueued);
    to += n;
    from += n;
    bytes -= n;
  }
  return absl::OkStatus();
}

absl::Status CudaQueue::CopyOnDevice(void* dst, const void* src, size_t bytes) {
  TRELLIS_ASSIGN_OR_RETURN(const CudaStreamHandle stream, Enter(kCompute));
  return context().CopyOnDevice(dst, src, bytes, stream);
}

absl::StatusOr<void*> CudaQueue::BeginLaunch() {
  TRELLIS_ASSIGN_OR_RETURN(const CudaStreamHandle stream, Enter(kCompute));
  TRELLIS_RETURN_IF_ERROR(context().MakeCurrent());
  return stream;
}

absl::Status CudaQueue::MakeCheckMemory() {
  constexpr size_t kBytes = kMaxChecks * sizeof(int64_t);
  if (check_results_.data == nullptr) {
    TRELLIS_ASSIGN_OR_RETURN(check_results_, pinned().Lease(kBytes));
  }
  if (check_words_ == nullptr) {
    TRELLIS_ASSIGN_OR_RETURN(void* const words,
                             memory().Allocate(kBytes, "checks"));
    check_words_ = static_cast<int64_t*>(words);
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t*> CudaQueue::BeginCheck() {
  TRELLIS_RETURN_IF_ERROR(device_.status());
  TRELLIS_RETURN_IF_ERROR(MakeCheckMemory());
  if (next_check_ == kMaxChecks) TRELLIS_RETURN_IF_ERROR(Drain());
  int64_t* const word = check_words_ + next_check_;
  TRELLIS_ASSIGN_OR_RETURN(const CudaStreamHandle stream, Enter(kCompute));
  TRELLIS_RETURN_IF_ERROR(context().Fill(word, 0x7f, sizeof(*word), stream));
  ++next_check_;
  return word;
}

absl::Status CudaQueue::EndCheck(int step, int64_t* word,
                                 std::function<absl::Status(int64_t)> error) {
  auto* const result =
      reinterpret_cast<int64_t*>(check_results_.data) + (word - check_words_);
  TRELLIS_ASSIGN_OR_RETURN(const CudaStreamHandle stream, Enter(kCompute));
  TRELLIS_RETURN_IF_ERROR(
      context().CopyToHost(result, word, sizeof(*word), stream));
  checks_.push_back({step, next_point(), result, std::move(error)});
  return absl::OkStatus();
}

uint64_t CudaQueue::Record() {
  if (!behind_) return recorded_;
  absl::StatusOr<CudaEventHandle> event = RecordEvent(streams_[last_lane_]);
  if (!event.ok()) {
    Fail(event.status(), -1);
    return recorded_;
  }
  points_.push_back({*event, ++recorded_});
  behind_ = false;
  return recorded_;
}

absl::Status CudaQueue::WaitFor(uint64_t point) {
  absl::Status done;
  CudaEventHandle last = nullptr;
  for (const UsedEvent& used : points_) {
    if (used.point <= point) last = used.event;
  }
  // Points are passed in order.
  if (last != nullptr) done = context().Synchronize(last);
  if (!done.ok()) Fail(done, -1);
  Deliver(point, done.ok());
  RecycleEvents(point);
  if (points_.empty() && !behind_) last_lane_ = -1;
  return error_;
}

// What waited for the point: bytes go to their places, checks are looked at.
void CudaQueue::Deliver(uint64_t point, bool arrived) {
  while (!staged_.empty() && staged_.front().point <= point) {
    const Staged& staged = staged_.front();
    if (arrived && staged.dst != nullptr) {
      std::memcpy(staged.dst, staged.block.data, staged.bytes);
    }
    staged_bytes_ -= staged.bytes;
    pinned().Return(staged.block);
    staged_.pop_front();
  }
  while (!checks_.empty() && checks_.front().point <= point) {
    const Check& check = checks_.front();
    if (arrived && *check.result != kNoFailure) {
      Fail(check.error(*check.result), check.step);
    }
    checks_.pop_front();
  }
  if (checks_.empty()) next_check_ = 0;
}

void CudaQueue::RecycleEvents(uint64_t point) {
  for (std::deque<UsedEvent>* events : {&points_, &used_events_}) {
    while (!events->empty() && events->front().point <= point) {
      free_events_.push_back(events->front().event);
      events->pop_front();
    }
  }
}

// The first error stays.
void CudaQueue::Fail(absl::Status error, int step) {
  if (!error_.ok()) return;
  error_ = std::move(error);
  failed_step_ = step;
}

void CudaQueue::Reset() {
  (void)WaitFor(Record());
  // Where not even an event could be recorded, the GPU is lost, and nothing of
  // it is under way any more.
  Deliver(UINT64_MAX, /*arrived=*/false);
  RecycleEvents(UINT64_MAX);
  behind_ = false;
  last_lane_ = -1;
  error_ = absl::OkStatus();
  failed_step_ = -1;
}

}  // namespace trellis
