// The queue of a GPU as its kernels see it.
#ifndef TRELLIS_RUNTIME_KERNEL_CUDA_STREAM_H_
#define TRELLIS_RUNTIME_KERNEL_CUDA_STREAM_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "trellis/runtime/kernel/stream.h"

namespace trellis {

class CudaStream : public Stream {
 public:
  // The cudaStream_t that a kernel is to launch on now, behind everything that
  // was enqueued; the calling thread's launches go to its GPU from now on.
  virtual absl::StatusOr<void*> BeginLaunch() = 0;

  // For kernels that may find elements they cannot take. A word in the GPU's
  // memory that holds kNoFailure; the launch lowers it to the smallest index
  // that failed. Then
  virtual absl::StatusOr<int64_t*> BeginCheck() = 0;
  // says what a failure means: `error` of that index, which is reported for
  // `step` when the host next waits.
  virtual absl::Status EndCheck(int step, int64_t* word,
                                std::function<absl::Status(int64_t)> error) = 0;

  // Eight bytes 0x7f.
  static constexpr int64_t kNoFailure = 0x7f7f7f7f7f7f7f7f;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_KERNEL_CUDA_STREAM_H_
