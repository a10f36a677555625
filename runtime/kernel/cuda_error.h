// Errors of CUDA as absl::Status. The driver and the runtime library share
// their numbers.
#ifndef TRELLIS_RUNTIME_KERNEL_CUDA_ERROR_H_
#define TRELLIS_RUNTIME_KERNEL_CUDA_ERROR_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace trellis {

// OK for 0. Otherwise "cuMemAlloc: out of memory (CUDA error 2)":
//   ResourceExhausted   memory, or what the launch asks for
//   Unavailable         no driver, no GPU, one that is busy or taken away
//   FailedPrecondition  a driver or GPU that cannot run this build
//   DataLoss            memory that went bad, a kernel that broke; the
//                       process cannot use that GPU any more
//   Cancelled           the driver shuts down as the program ends
//   Internal            all else: a call that should not have been made
absl::Status CudaError(int error, absl::string_view call);

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_KERNEL_CUDA_ERROR_H_
