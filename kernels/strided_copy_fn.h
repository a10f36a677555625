// A copy between two strided views of the same extents: what slices, pads,
// transposes, repetitions and broadcasts are. As the host's compiler and the
// GPU's see it.
//
//   y[y_begin + sum i_d * y_stride_d] = x[x_begin + sum i_d * x_stride_d]
//
// for all i_d in [0, size_d). A stride may be 0 in x (repetition) and negative.
#ifndef TRELLIS_KERNELS_STRIDED_COPY_FN_H_
#define TRELLIS_KERNELS_STRIDED_COPY_FN_H_

#include <algorithm>
#include <cstdint>

#include "trellis/kernels/host_device.h"

namespace trellis {

// The extents and strides of a copy, built dimension by dimension from the
// outermost to the innermost. Dimensions that are one walk in both views become
// one; those of size 1 vanish.
class StridedCopy {
 public:
  static constexpr int kMaxDims = 16;

  int64_t x_begin = 0;
  int64_t y_begin = 0;

  // False, and nothing done, if these are more dimensions than kMaxDims.
  [[nodiscard]] bool AddDim(int64_t size, int64_t x_stride, int64_t y_stride) {
    num_elements_ *= size;
    if (size == 1) return true;
    const int last = dims_ - 1;
    if (dims_ > 0 && x_stride_[last] == x_stride * size &&
        y_stride_[last] == y_stride * size) {
      size_[last] *= size;
      x_stride_[last] = x_stride;
      y_stride_[last] = y_stride;
      return true;
    }
    if (dims_ == kMaxDims) return false;
    size_[dims_] = size;
    x_stride_[dims_] = x_stride;
    y_stride_[dims_] = y_stride;
    ++dims_;
    return true;
  }

  int64_t num_elements() const { return num_elements_; }

  // Copies element i in row-major order of the indices.
  template <typename T>
  TRELLIS_HOST_DEVICE void Copy(const T* x, T* y, int64_t i) const {
    int64_t from = x_begin, to = y_begin;
    for (int d = dims_ - 1; d >= 0; --d) {
      const int64_t index = d == 0 ? i : i % size_[d];
      i /= size_[d];
      from += index * x_stride_[d];
      to += index * y_stride_[d];
    }
    y[to] = x[from];
  }

  // Copies the elements [begin, end) in row-major order of the indices.
  template <typename T>
  TRELLIS_HOST_DEVICE void Copy(const T* x, T* y, int64_t begin,
                                int64_t end) const {
    if (dims_ == 0) {
      if (begin < end) y[y_begin] = x[x_begin];
      return;
    }
    const int inner = dims_ - 1;
    // Where element `begin` is.
    int64_t index[kMaxDims];
    int64_t rest = begin;
    const T* from = x + x_begin;
    T* to = y + y_begin;
    for (int d = inner; d >= 0; --d) {
      index[d] = rest % size_[d];
      rest /= size_[d];
      from += index[d] * x_stride_[d];
      to += index[d] * y_stride_[d];
    }
    while (begin < end) {
      const int64_t n = std::min(size_[inner] - index[inner], end - begin);
      CopyRun(from, to, n);
      begin += n;
      // To the start of the next row.
      from -= index[inner] * x_stride_[inner];
      to -= index[inner] * y_stride_[inner];
      index[inner] = 0;
      for (int d = inner - 1; d >= 0; --d) {
        from += x_stride_[d];
        to += y_stride_[d];
        if (++index[d] < size_[d]) break;
        from -= size_[d] * x_stride_[d];
        to -= size_[d] * y_stride_[d];
        index[d] = 0;
      }
    }
  }

 private:
  template <typename T>
  TRELLIS_HOST_DEVICE void CopyRun(const T* from, T* to, int64_t n) const {
    const int64_t x_stride = x_stride_[dims_ - 1],
                  y_stride = y_stride_[dims_ - 1];
    if (x_stride == 1 && y_stride == 1) {
      std::copy_n(from, n, to);
    } else if (x_stride == 0 && y_stride == 1) {
      std::fill_n(to, n, *from);
    } else {
      for (int64_t i = 0; i < n; ++i) to[i * y_stride] = from[i * x_stride];
    }
  }

  int dims_ = 0;
  int64_t num_elements_ = 1;
  int64_t size_[kMaxDims] = {};
  int64_t x_stride_[kMaxDims] = {};
  int64_t y_stride_[kMaxDims] = {};
};

template <typename T>
struct StridedCopyFn {
  StridedCopy copy;
  const T* x;
  T* y;  // does not overlap x

  // Element i alone, for devices whose threads take one each.
  TRELLIS_HOST_DEVICE void operator()(int64_t i) const { copy.Copy(x, y, i); }
  TRELLIS_HOST_DEVICE void operator()(int64_t begin, int64_t end) const {
    copy.Copy(x, y, begin, end);
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_STRIDED_COPY_FN_H_
