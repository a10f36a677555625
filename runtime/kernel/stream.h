// The queue of an asynchronous device (a lane of a plan): what is enqueued runs
// in order, later. Kernels of a device know the concrete class.
#ifndef TRELLIS_RUNTIME_KERNEL_STREAM_H_
#define TRELLIS_RUNTIME_KERNEL_STREAM_H_

#include "absl/status/status.h"

namespace trellis {

class Stream {
 public:
  virtual ~Stream() = default;
  // Waits until everything enqueued so far is done; returns, and forgets, the
  // first error of it. The error names the step that failed.
  virtual absl::Status Synchronize() = 0;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_KERNEL_STREAM_H_
