// Rows of which one element stands out, as the host's compiler and the GPU's
// see them.
#ifndef TRELLIS_KERNELS_ONE_HOT_FN_H_
#define TRELLIS_KERNELS_ONE_HOT_FN_H_

#include <cstdint>

#include "trellis/kernels/host_device.h"

namespace trellis {

// y [outer, depth, inner] of indices [outer, inner].
template <typename T, typename Index>
struct OneHotFn {
  int64_t depth, inner;
  const Index* indices;
  const T* on;
  const T* off;
  T* y;

  TRELLIS_HOST_DEVICE void operator()(int64_t i) const {
    const int64_t row = i / inner;  // of [outer, depth]
    const int64_t index =
        static_cast<int64_t>(indices[row / depth * inner + i % inner]);
    y[i] = index == row % depth ? *on : *off;
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_ONE_HOT_FN_H_
