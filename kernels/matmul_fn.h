// The product of two matrices element by element, as the host's compiler and
// the GPU's see it: for where there is no library for it.
#ifndef TRELLIS_KERNELS_MATMUL_FN_H_
#define TRELLIS_KERNELS_MATMUL_FN_H_

#include <cstdint>

#include "trellis/kernels/host_device.h"

namespace trellis {

// y [m, n] = a [m, k] b [k, n]; a step along an axis of an operand is a stride.
template <typename T>
struct MatMulElement {
  const T* a;
  const T* b;
  T* y;
  int64_t n, k;
  int64_t a_row, a_k;
  int64_t b_k, b_column;

  TRELLIS_HOST_DEVICE void operator()(int64_t i) const {
    const int64_t row = i / n, column = i - row * n;
    const T* from_a = a + row * a_row;
    const T* from_b = b + column * b_column;
    T sum = 0;
    for (int64_t p = 0; p < k; ++p) sum += from_a[p * a_k] * from_b[p * b_k];
    y[i] = sum;
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_MATMUL_FN_H_
