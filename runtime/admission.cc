#include "trellis/runtime/admission.h"

#include <algorithm>

namespace trellis {
namespace {

using Clock = std::chrono::steady_clock;

// How late a waiter may see that it was cancelled.
constexpr std::chrono::milliseconds kLook(1);

// Until woken, or until it is time to look at the limits.
void WaitWithin(const Admission::Limits& limits, MutexLock& lock,
                CondVar& wake) {
  if (limits.cancelled != nullptr) {
    wake.wait_until(lock, std::min(limits.deadline, Clock::now() + kLook));
  } else if (limits.deadline != Clock::time_point::max()) {
    wake.wait_until(lock, limits.deadline);
  } else {
    wake.wait(lock);
  }
}

}  // namespace

bool Admission::Limits::Reached() const {
  return (cancelled != nullptr && cancelled->load(std::memory_order_relaxed)) ||
         (deadline != Clock::time_point::max() && Clock::now() >= deadline);
}

bool Admission::TryEnter(bool exclusive) {
  uint32_t state = state_.load(std::memory_order_relaxed);
  while ((state & (kWriter | kQueue)) == 0 && (!exclusive || state == 0)) {
    if (state_.compare_exchange_weak(state, exclusive ? kWriter : state + 1,
                                     std::memory_order_acquire,
                                     std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

void Admission::Enter(bool exclusive) {
  if (!TryEnter(exclusive)) EnterQueue(exclusive, {});
}

bool Admission::Enter(bool exclusive, const Limits& limits) {
  return TryEnter(exclusive) || EnterQueue(exclusive, limits);
}

bool Admission::EnterQueue(bool exclusive, const Limits& limits) {
  MutexLock lock(mutex_);
  // From here on everybody who comes or goes sees the queue.
  state_.fetch_or(kQueue, std::memory_order_acquire);
  Waiter self{.exclusive = exclusive};
  queue_.push_back(&self);
  AdmitWaiting();
  while (!self.admitted) {
    if (limits.Reached()) {
      queue_.erase(std::find(queue_.begin(), queue_.end(), &self));
      // Those behind it may have waited only for it.
      AdmitWaiting();
      return false;
    }
    WaitWithin(limits, lock, self.wake);
  }
  return true;
}

void Admission::Leave(bool exclusive) {
  const uint32_t before =
      exclusive ? state_.fetch_and(~kWriter, std::memory_order_release)
                : state_.fetch_sub(1, std::memory_order_release);
  if ((before & kQueue) == 0) return;
  MutexLock lock(mutex_);
  AdmitWaiting();
}

void Admission::AdmitWaiting() {
  while (!queue_.empty()) {
    Waiter* next = queue_.front();
    const uint32_t inside = state_.load(std::memory_order_acquire) & ~kQueue;
    if (next->exclusive ? inside != 0 : (inside & kWriter) != 0) return;
    state_.fetch_add(next->exclusive ? kWriter : 1, std::memory_order_acquire);
    queue_.pop_front();
    next->admitted = true;
    next->wake.notify_one();
  }
  state_.fetch_and(~kQueue, std::memory_order_release);
}

}  // namespace trellis
