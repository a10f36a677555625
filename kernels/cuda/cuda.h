// A GPU as kernels see it: the `Device` of the kernel templates in kernels/,
// with the members and contracts of cpu/cpu.h. What `fn` holds is copied when
// a call enqueues; its addresses are the GPU's.
//
// Included by the .cc files of kernels/cuda, which the host's compiler
// compiles; the launches themselves are in the .cu.cc files beside them.
#ifndef TRELLIS_KERNELS_CUDA_CUDA_H_
#define TRELLIS_KERNELS_CUDA_CUDA_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "trellis/base/status_macros.h"
#include "trellis/kernels/cuda/launch.h"
#include "trellis/runtime/kernel/cuda_error.h"
#include "trellis/runtime/kernel/cuda_stream.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

struct Cuda {
  static constexpr bool kIsHost = false;
  static constexpr bool kThreadPerElement = true;

  // A thread takes one element, so that neighbours read neighbours.
  static constexpr int64_t kCopyGrain = 1;
  static constexpr int64_t Grain(int64_t cost) { return 1; }

  // How `fn` holds what a kernel has prepared: as a copy, which is an argument
  // of the launch.
  template <typename T>
  using Held = T;

  // Errors: those of the launch. Neither the launch nor the calls wait for a
  // cancellation: what is enqueued is done.
  template <typename Fn>
  static absl::Status ForEach(RunContext& c, int64_t n, const Fn& fn,
                              int64_t cost = 1) {
    if (n == 0) return absl::OkStatus();
    TRELLIS_ASSIGN_OR_RETURN(void* const stream, StreamOf(c).BeginLaunch());
    return LaunchError(cuda::LaunchForEach(stream, n, fn));
  }

  // All ranges are of one index.
  template <typename Fn>
  static absl::Status ForRanges(RunContext& c, int64_t n, int64_t grain,
                                const Fn& fn) {
    return ForEach(c, n, fn);
  }

  // `error` is called by the host, when it waits: it may not read what `fn`
  // reads.
  template <typename Fn, typename Error>
  static absl::Status ForEachChecked(RunContext& c, int64_t n, const Fn& fn,
                                     Error error, int64_t cost = 1) {
    if (n == 0) return absl::OkStatus();
    return Checked(c, std::move(error), [&](void* stream, int64_t* word) {
      return cuda::LaunchForEachChecked(stream, n, fn, word);
    });
  }

  // The lanes are those of a warp.
  template <typename Fn>
  static absl::Status ForEachRow(RunContext& c, int64_t n, const Fn& fn,
                                 int64_t cost) {
    if (n == 0) return absl::OkStatus();
    TRELLIS_ASSIGN_OR_RETURN(void* const stream, StreamOf(c).BeginLaunch());
    return LaunchError(cuda::LaunchForEachRow(stream, n, fn));
  }

  template <typename Fn, typename Error>
  static absl::Status ForEachRowChecked(RunContext& c, int64_t n, const Fn& fn,
                                        Error error, int64_t cost) {
    if (n == 0) return absl::OkStatus();
    return Checked(c, std::move(error), [&](void* stream, int64_t* word) {
      return cuda::LaunchForEachRowChecked(stream, n, fn, word);
    });
  }

  // The host cannot read it.
  template <typename T>
  static std::string Shown(const T* element) {
    return "";
  }

  static CudaStream& StreamOf(RunContext& c) {
    return static_cast<CudaStream&>(*c.stream());
  }

  static absl::Status LaunchError(int error) {
    return CudaError(error, "launch of a kernel");
  }

 private:
  template <typename Error, typename Launch>
  static absl::Status Checked(RunContext& c, Error error, Launch launch) {
    CudaStream& queue = StreamOf(c);
    TRELLIS_ASSIGN_OR_RETURN(int64_t* const word, queue.BeginCheck());
    TRELLIS_ASSIGN_OR_RETURN(void* const stream, queue.BeginLaunch());
    TRELLIS_RETURN_IF_ERROR(LaunchError(launch(stream, word)));
    return queue.EndCheck(c.step(), word, std::move(error));
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_CUDA_CUDA_H_
