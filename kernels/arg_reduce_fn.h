// The index of the largest or smallest element of a column, as the host's
// compiler and the GPU's see it.
#ifndef TRELLIS_KERNELS_ARG_REDUCE_FN_H_
#define TRELLIS_KERNELS_ARG_REDUCE_FN_H_

#include <cstdint>
#include <limits>

#include "trellis/kernels/host_device.h"

namespace trellis {

// The first of several; NaNs lose, and 0 where there is nothing else.
template <typename T, typename Index, bool largest>
struct ArgReduceColumn {
  const T* x;  // [outer, n, inner]
  Index* y;    // [outer, inner]
  int64_t n;
  int64_t inner;

  TRELLIS_HOST_DEVICE void operator()(int64_t i) const {
    const T* column = x + i / inner * n * inner + i % inner;
    T best = largest ? std::numeric_limits<T>::lowest()
                     : std::numeric_limits<T>::max();
    int64_t at = 0;
    for (int64_t k = 0; k < n; ++k) {
      const T e = column[k * inner];
      if (largest ? e > best : e < best) {
        best = e;
        at = k;
      }
    }
    y[i] = static_cast<Index>(at);
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_ARG_REDUCE_FN_H_
