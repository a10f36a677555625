// Who may touch a variable: many runs that read, or one that writes. First
// come, first served, so neither side starves the other; one atomic operation
// while nobody waits.
#ifndef TRELLIS_RUNTIME_ADMISSION_H_
#define TRELLIS_RUNTIME_ADMISSION_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>

#include "trellis/base/mutex.h"

namespace trellis {

class Admission {
 public:
  Admission() = default;
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  // What ends a wait.
  struct Limits {
    std::chrono::steady_clock::time_point deadline =
        std::chrono::steady_clock::time_point::max();
    // Set by another thread, which need not tell the waiter: it looks.
    const std::atomic<bool>* cancelled = nullptr;

    bool Reached() const;
  };

  void Enter(bool exclusive);
  // False, and nothing to leave, if a limit was reached while it waited. Who
  // need not wait enters whatever the limits say.
  [[nodiscard]] bool Enter(bool exclusive, const Limits& limits);
  void Leave(bool exclusive);

 private:
  struct Waiter {
    bool exclusive = false;
    bool admitted = false;  // guarded by mutex_
    CondVar wake;
  };

  // Readers inside, or kWriter; with kQueue while somebody waits.
  static constexpr uint32_t kWriter = uint32_t{1} << 31;
  static constexpr uint32_t kQueue = uint32_t{1} << 30;

  bool TryEnter(bool exclusive);
  bool EnterQueue(bool exclusive, const Limits& limits);
  // Lets in whom the state allows, in order. REQUIRES: mutex_ held.
  void AdmitWaiting();

  std::atomic<uint32_t> state_{0};
  Mutex mutex_;
  std::deque<Waiter*> queue_;  // guarded by mutex_
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_ADMISSION_H_
