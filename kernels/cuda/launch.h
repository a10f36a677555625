// The launches of kernels on a GPU, as the host sees them. What they run is
// compiled by nvcc: each `fn` that is launched is named in a .cu.cc file
// (launch.cuh); one that is not does not link.
//
// No Abseil and no protobuf here nor in what .cu.cc files include: nvcc needs
// seven times as long with them.
#ifndef TRELLIS_KERNELS_CUDA_LAUNCH_H_
#define TRELLIS_KERNELS_CUDA_LAUNCH_H_

#include <cstdint>

namespace trellis::cuda {

// Each enqueues on `stream`, a cudaStream_t, a launch that makes the calls, and
// returns the cudaError_t. `fn` is copied. REQUIRES: n > 0.

// fn(i), or where it has no such call fn(i, i + 1), for i in [0, n).
template <typename Fn>
int LaunchForEach(void* stream, int64_t n, const Fn& fn);

// fn(i) for i in [0, n); lowers *first_failure, on the GPU, to the smallest i
// for which it is false.
template <typename Fn>
int LaunchForEachChecked(void* stream, int64_t n, const Fn& fn,
                         int64_t* first_failure);

// fn(row, lanes) for rows in [0, n), by the lanes of a warp each; with
// `first_failure` as above.
template <typename Fn>
int LaunchForEachRow(void* stream, int64_t n, const Fn& fn);
template <typename Fn>
int LaunchForEachRowChecked(void* stream, int64_t n, const Fn& fn,
                            int64_t* first_failure);

}  // namespace trellis::cuda

#endif  // TRELLIS_KERNELS_CUDA_LAUNCH_H_
