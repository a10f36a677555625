// In place of kernels/cuda/launch.cuh: the same launches, made by the fake
// driver, which does the calls on the host, as late as it may and the last one
// first. A row has one lane.
#ifndef TRELLIS_TESTS_CUDA_ON_HOST_LAUNCH_CUH_
#define TRELLIS_TESTS_CUDA_ON_HOST_LAUNCH_CUH_

#include <cstdint>

#include "trellis/kernels/cuda/instantiate.h"
#include "trellis/kernels/cuda/launch.h"
#include "trellis/kernels/row_lanes.h"
#include "trellis/tests/runtime/cuda/fake_cuda_driver.h"

namespace trellis::cuda {

inline constexpr int kNoError = 0;

template <typename Call>
int LaunchCalls(void* stream, int64_t n, Call call) {
  FakeCudaDriver::Launch(stream, [n, call] {
    for (int64_t i = n - 1; i >= 0; --i) call(i);
  });
  return kNoError;
}

template <typename Fn>
int LaunchForEach(void* stream, int64_t n, const Fn& fn) {
  return LaunchCalls(stream, n, [fn](int64_t i) {
    if constexpr (requires { fn(i); }) {
      fn(i);
    } else {
      fn(i, i + 1);
    }
  });
}

template <typename Fn>
int LaunchForEachChecked(void* stream, int64_t n, const Fn& fn,
                         int64_t* first_failure) {
  return LaunchCalls(stream, n, [fn, first_failure](int64_t i) {
    if (!fn(i) && i < *first_failure) *first_failure = i;
  });
}

template <typename Fn>
int LaunchForEachRow(void* stream, int64_t n, const Fn& fn) {
  return LaunchCalls(stream, n, [fn](int64_t i) { fn(i, OneLane()); });
}

template <typename Fn>
int LaunchForEachRowChecked(void* stream, int64_t n, const Fn& fn,
                            int64_t* first_failure) {
  return LaunchCalls(stream, n, [fn, first_failure](int64_t i) {
    if (!fn(i, OneLane()) && i < *first_failure) *first_failure = i;
  });
}

}  // namespace trellis::cuda

#endif  // TRELLIS_TESTS_CUDA_ON_HOST_LAUNCH_CUH_
