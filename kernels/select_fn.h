// One of two tensors, as the host's compiler and the GPU's see it.
#ifndef TRELLIS_KERNELS_SELECT_FN_H_
#define TRELLIS_KERNELS_SELECT_FN_H_

#include <algorithm>
#include <cstdint>

#include "trellis/kernels/host_device.h"

namespace trellis {

// Each condition decides for `row` consecutive elements. y may be t or e.
template <typename T>
struct SelectRange {
  const bool* condition;
  const T* t;
  const T* e;
  T* y;
  int64_t row;

  // Element i alone, for devices whose threads take one each.
  TRELLIS_HOST_DEVICE void operator()(int64_t i) const {
    y[i] = condition[row == 1 ? i : i / row] ? t[i] : e[i];
  }

  TRELLIS_HOST_DEVICE void operator()(int64_t begin, int64_t end) const {
    if (row == 1) {
#pragma GCC ivdep
      for (int64_t i = begin; i < end; ++i) {
        y[i] = condition[i] ? t[i] : e[i];
      }
      return;
    }
    while (begin < end) {
      const int64_t at = begin / row;
      const int64_t row_end = std::min(end, (at + 1) * row);
      const T* from = condition[at] ? t : e;
#pragma GCC ivdep
      for (int64_t i = begin; i < row_end; ++i) y[i] = from[i];
      begin = row_end;
    }
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_SELECT_FN_H_
