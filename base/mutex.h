// Locks. The standard library's, because ThreadSanitizer cannot see into the
// Abseil of Linux distributions, which is compiled without it.
//
//   MutexLock lock(mutex_);
//   while (queue_.empty()) not_empty_.wait(lock);
//
// Comments say what a mutex guards: `int size_;  // guarded by mutex_`.
#ifndef TRELLIS_BASE_MUTEX_H_
#define TRELLIS_BASE_MUTEX_H_

#include <condition_variable>
#include <mutex>

namespace trellis {

using Mutex = std::mutex;
using MutexLock = std::unique_lock<std::mutex>;
using CondVar = std::condition_variable;

}  // namespace trellis

#endif  // TRELLIS_BASE_MUTEX_H_
