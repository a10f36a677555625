// The launches of launch.h, for .cu.cc files, which instantiate.h tells which
// of them to compile.
#ifndef TRELLIS_KERNELS_CUDA_LAUNCH_CUH_
#define TRELLIS_KERNELS_CUDA_LAUNCH_CUH_

#include <cuda_runtime_api.h>

#include <cstdint>

#include "trellis/kernels/cuda/instantiate.h"
#include "trellis/kernels/cuda/launch.h"
#include "trellis/kernels/cuda/warp_lanes.cuh"

namespace trellis::cuda {

inline constexpr int kThreadsPerBlock = 256;
// Some hundred blocks for each multiprocessor of the largest GPU; beyond, a
// thread makes several calls.
inline constexpr int64_t kMaxBlocks = int64_t{1} << 16;

inline unsigned Blocks(int64_t calls) {
  const int64_t blocks = (calls + kThreadsPerBlock - 1) / kThreadsPerBlock;
  return static_cast<unsigned>(blocks < kMaxBlocks ? blocks : kMaxBlocks);
}

__device__ inline int64_t FirstCall() {
  return blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
}
__device__ inline int64_t CallStep() { return gridDim.x * int64_t{blockDim.x}; }

template <typename Fn>
__global__ void ForEachKernel(int64_t n, Fn fn) {
  for (int64_t i = FirstCall(); i < n; i += CallStep()) {
    if constexpr (requires { fn(i); }) {
      fn(i);
    } else {
      fn(i, i + 1);
    }
  }
}

template <typename Fn>
__global__ void ForEachCheckedKernel(int64_t n, Fn fn,
                                     unsigned long long* first_failure) {
  for (int64_t i = FirstCall(); i < n; i += CallStep()) {
    if (!fn(i)) {
      atomicMin(first_failure, static_cast<unsigned long long>(i));
      return;
    }
  }
}

template <typename Fn>
__global__ void ForEachRowKernel(int64_t n, Fn fn) {
  const int64_t step = CallStep() / WarpLanes::kCount;
  for (int64_t row = FirstCall() / WarpLanes::kCount; row < n; row += step) {
    fn(row, WarpLanes());
  }
}

template <typename Fn>
__global__ void ForEachRowCheckedKernel(int64_t n, Fn fn,
                                        unsigned long long* first_failure) {
  const int64_t step = CallStep() / WarpLanes::kCount;
  for (int64_t row = FirstCall() / WarpLanes::kCount; row < n; row += step) {
    if (!fn(row, WarpLanes())) {
      atomicMin(first_failure, static_cast<unsigned long long>(row));
      return;
    }
  }
}

// The error is that of this launch alone, which <<<>>> cannot tell.
inline int Launch(const void* kernel, void* stream, int64_t calls,
                  void** arguments) {
  return cudaLaunchKernel(kernel, dim3(Blocks(calls)), dim3(kThreadsPerBlock),
                          arguments, 0, static_cast<cudaStream_t>(stream));
}

template <typename Fn>
int LaunchForEach(void* stream, int64_t n, const Fn& fn) {
  void* arguments[] = {&n, const_cast<Fn*>(&fn)};
  return Launch(reinterpret_cast<const void*>(&ForEachKernel<Fn>), stream, n,
                arguments);
}

template <typename Fn>
int LaunchForEachChecked(void* stream, int64_t n, const Fn& fn,
                         int64_t* first_failure) {
  void* arguments[] = {&n, const_cast<Fn*>(&fn), &first_failure};
  return Launch(reinterpret_cast<const void*>(&ForEachCheckedKernel<Fn>),
                stream, n, arguments);
}

template <typename Fn>
int LaunchForEachRow(void* stream, int64_t n, const Fn& fn) {
  void* arguments[] = {&n, const_cast<Fn*>(&fn)};
  return Launch(reinterpret_cast<const void*>(&ForEachRowKernel<Fn>), stream,
                n * WarpLanes::kCount, arguments);
}

template <typename Fn>
int LaunchForEachRowChecked(void* stream, int64_t n, const Fn& fn,
                            int64_t* first_failure) {
  void* arguments[] = {&n, const_cast<Fn*>(&fn), &first_failure};
  return Launch(reinterpret_cast<const void*>(&ForEachRowCheckedKernel<Fn>),
                stream, n * WarpLanes::kCount, arguments);
}

}  // namespace trellis::cuda

#endif  // TRELLIS_KERNELS_CUDA_LAUNCH_CUH_
