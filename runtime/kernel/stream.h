// The queue of an asynchronous device (a lane of a plan): what is enqueued runs
// in order, later. Kernels of a device know the concrete class.
#ifndef TRELLIS_RUNTIME_KERNEL_STREAM_H_
#define TRELLIS_RUNTIME_KERNEL_STREAM_H_

#include <cstdint>

#include "absl/status/status.h"

namespace trellis {

// Used by one run at a time.
class Stream {
 public:
  virtual ~Stream() = default;

  // A point in the queue: everything enqueued so far.
  virtual uint64_t Record() = 0;
  // Waits until the queue has passed the point. Returns the first error of what
  // was enqueued since the last Reset; work after a failed step is dropped.
  virtual absl::Status WaitFor(uint64_t point) = 0;
  // The step (RunContext::step) that made that error; -1 if there is none.
  virtual int failed_step() const = 0;
  // Waits for everything and forgets the error.
  virtual void Reset() = 0;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_KERNEL_STREAM_H_
