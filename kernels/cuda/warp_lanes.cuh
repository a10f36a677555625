// The lanes of a warp (row_lanes.h), for .cu.cc files. Values meet in pairs, so
// that every lane has the same bits of a sum.
#ifndef TRELLIS_KERNELS_CUDA_WARP_LANES_CUH_
#define TRELLIS_KERNELS_CUDA_WARP_LANES_CUH_

#include <cstdint>

namespace trellis::cuda {

struct WarpLanes {
  static constexpr int kCount = 32;

  // REQUIRES: blocks of whole warps, one-dimensional.
  __device__ static int64_t first() { return threadIdx.x % kCount; }
  __device__ static constexpr int64_t count() { return kCount; }
  template <typename T>
  __device__ static T Sum(T value) {
    for (int distance = kCount / 2; distance > 0; distance /= 2) {
      value += __shfl_xor_sync(kAll, value, distance);
    }
    return value;
  }
  template <typename T>
  __device__ static T Max(T value) {
    for (int distance = kCount / 2; distance > 0; distance /= 2) {
      const T other = __shfl_xor_sync(kAll, value, distance);
      if (value < other) value = other;
    }
    return value;
  }

 private:
  static constexpr unsigned kAll = 0xffffffff;
};

}  // namespace trellis::cuda

#endif  // TRELLIS_KERNELS_CUDA_WARP_LANES_CUH_
