// Copies of consecutive elements, as the host's compiler and the GPU's see
// them.
#ifndef TRELLIS_KERNELS_COPY_FN_H_
#define TRELLIS_KERNELS_COPY_FN_H_

#include <algorithm>
#include <cstdint>

#include "trellis/kernels/host_device.h"

namespace trellis {

template <typename T>
struct CopyFn {
  const T* x;
  T* y;

  // Element i alone, for devices whose threads take one each.
  TRELLIS_HOST_DEVICE void operator()(int64_t i) const { y[i] = x[i]; }

  TRELLIS_HOST_DEVICE void operator()(int64_t begin, int64_t end) const {
    std::copy(x + begin, x + end, y + begin);
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_COPY_FN_H_
