// Filling memory with one value.
#ifndef TRELLIS_KERNELS_FILL_H_
#define TRELLIS_KERNELS_FILL_H_

#include <algorithm>
#include <cstdint>

#include "trellis/kernels/host_device.h"

namespace trellis {

// y[begin, end) = value
template <typename T>
struct FillFn {
  T value;
  T* y;

  TRELLIS_HOST_DEVICE void operator()(int64_t begin, int64_t end) const {
    std::fill(y + begin, y + end, value);
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_FILL_H_
