// The sum of a few tensors, as the host's compiler and the GPU's see it.
#ifndef TRELLIS_KERNELS_ADD_N_FN_H_
#define TRELLIS_KERNELS_ADD_N_FN_H_

#include <algorithm>
#include <cstdint>

#include "trellis/kernels/host_device.h"
#include "trellis/kernels/wrap.h"

namespace trellis {

// y = ((x[0] + x[1]) + x[2]) + ...; y may be x[0].
template <typename T>
struct AddNRange {
  static constexpr int kMaxTerms = 8;

  T* y;
  const T* x[kMaxTerms] = {};
  int terms = 0;

  // Element i alone, for devices whose threads take one each.
  TRELLIS_HOST_DEVICE void operator()(int64_t i) const {
    T sum = x[0][i];
    for (int t = 1; t < terms; ++t) sum = WrapAdd(sum, x[t][i]);
    y[i] = sum;
  }

  TRELLIS_HOST_DEVICE void operator()(int64_t begin, int64_t end) const {
    for (; begin < end; begin += kBlock) {
      const int64_t n = std::min(kBlock, end - begin);
      if (y != x[0]) std::copy_n(x[0] + begin, n, y + begin);
      for (int t = 1; t < terms; ++t) {
        const T* term = x[t] + begin;
        T* sum = y + begin;
#pragma GCC ivdep
        for (int64_t i = 0; i < n; ++i) sum[i] = WrapAdd(sum[i], term[i]);
      }
    }
  }

 private:
  // Sums are made of so many elements at a time, which stay in a close cache.
  static constexpr int64_t kBlock = 1024;
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_ADD_N_FN_H_
