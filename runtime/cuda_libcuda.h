// The CUDA driver of this machine: libcuda.so.1, loaded when first asked for.
#ifndef TRELLIS_RUNTIME_CUDA_LIBCUDA_H_
#define TRELLIS_RUNTIME_CUDA_LIBCUDA_H_

#include "absl/status/statusor.h"
#include "trellis/runtime/cuda_driver.h"

namespace trellis {

// The same object, or the same error, for the life of the program. Thread-safe.
// NotFound or Unavailable: libcuda is not there, cannot be loaded, or finds no
// GPU. FailedPrecondition: it is too old.
absl::StatusOr<CudaDriver*> SystemCudaDriver();

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_CUDA_LIBCUDA_H_
