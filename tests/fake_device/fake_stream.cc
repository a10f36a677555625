#include "trellis/tests/fake_device/fake_stream.h"

#include <immintrin.h>

#include <chrono>
#include <utility>

namespace trellis {

FakeStream::FakeStream(FakeDevice& device, uint64_t seed, int max_delay_us)
    : device_(device),
      max_delay_us_(max_delay_us),
      random_(static_cast<uint32_t>(seed)),
      thread_([this] { RunQueue(); }) {}

FakeStream::~FakeStream() {
  {
    MutexLock lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void FakeStream::Enqueue(int step, std::function<absl::Status()> work) {
  {
    MutexLock lock(mutex_);
    items_.push_back({step, _mm_getcsr(), std::move(work)});
    ++enqueued_;
  }
  changed_.notify_all();
}

uint64_t FakeStream::Record() {
  MutexLock lock(mutex_);
  return enqueued_;
}

absl::Status FakeStream::WaitFor(uint64_t point) {
  MutexLock lock(mutex_);
  while (done_ < point) changed_.wait(lock);
  return error_;
}

int FakeStream::failed_step() const {
  MutexLock lock(mutex_);
  return failed_step_;
}

void FakeStream::Reset() {
  MutexLock lock(mutex_);
  while (done_ < enqueued_) changed_.wait(lock);
  error_ = absl::OkStatus();
  failed_step_ = -1;
}

void FakeStream::RunQueue() {
  MutexLock lock(mutex_);
  while (true) {
    while (items_.empty() && !stop_) changed_.wait(lock);
    if (items_.empty()) return;
    Item item = std::move(items_.front());
    items_.pop_front();
    if (error_.ok()) {
      lock.unlock();
      Delay();
      _mm_setcsr(item.floating_point_mode);
      absl::Status status = item.work();
      lock.lock();
      if (!status.ok()) {
        error_ = std::move(status);
        failed_step_ = item.step;
      }
    }
    // What the item holds is gone when its point has passed.
    item.work = nullptr;
    ++done_;
    changed_.notify_all();
  }
}

void FakeStream::Delay() {
  if (max_delay_us_ == 0 || random_() % 4 != 0) return;
  std::this_thread::sleep_for(
      std::chrono::microseconds(random_() % max_delay_us_));
}

}  // namespace trellis
