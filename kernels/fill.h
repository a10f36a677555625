// Filling memory with one value.
#ifndef TRELLIS_KERNELS_FILL_H_
#define TRELLIS_KERNELS_FILL_H_

#include <cstdint>

#include "trellis/kernels/host_device.h"

namespace trellis {

// y[begin, end) = value
template <typename T>
struct FillFn {
  T value;
  T* y;

  TRELLIS_HOST_DEVICE void operator()(int64_t begin, int64_t end) const {
    // Copies, as the compiler cannot know that y is not where these are.
    const T copy = value;
    T* const to = y;
    for (int64_t i = begin; i < end; ++i) to[i] = copy;
  }
};

// y[begin, end) = the value at an address of the device.
template <typename T>
struct SplatFn {
  const T* value;
  T* y;  // not `value`

  TRELLIS_HOST_DEVICE void operator()(int64_t begin, int64_t end) const {
    const T copy = *value;
    T* const to = y;
    for (int64_t i = begin; i < end; ++i) to[i] = copy;
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_FILL_H_
