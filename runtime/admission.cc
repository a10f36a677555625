#include "trellis/runtime/admission.h"

namespace trellis {

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
  if (!TryEnter(exclusive)) EnterQueue(exclusive);
}

void Admission::EnterQueue(bool exclusive) {
  MutexLock lock(mutex_);
  // From here on everybody who comes or goes sees the queue.
  state_.fetch_or(kQueue, std::memory_order_acquire);
  Waiter self{.exclusive = exclusive};
  queue_.push_back(&self);
  AdmitWaiting();
  while (!self.admitted) self.wake.wait(lock);
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
