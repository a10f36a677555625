// Rows of softmax and of the cross entropies that go with it, as the host's
// compiler and the GPU's see them: for the lanes of row_lanes.h, which share a
// row.
#ifndef TRELLIS_KERNELS_SOFTMAX_FN_H_
#define TRELLIS_KERNELS_SOFTMAX_FN_H_

#include <cmath>
#include <cstdint>
#include <limits>

#include "trellis/kernels/host_device.h"
#include "trellis/kernels/row_lanes.h"

namespace trellis {

// The largest element of a row of n, for all lanes. Element i is x[i * stride].
// Of none, minus infinity.
template <typename T, typename Lanes>
TRELLIS_HOST_DEVICE T LargestOf(const T* x, int64_t n, const Lanes& lanes,
                                int64_t stride = 1) {
  T largest = -std::numeric_limits<T>::infinity();
  for (int64_t i = lanes.first(); i < n; i += lanes.count()) {
    if (largest < x[i * stride]) largest = x[i * stride];
  }
  return lanes.Max(largest);
}

// y may be x.
template <typename T, bool logarithm>
struct SoftmaxRow {
  const T* x;  // [rows, n]
  T* y;        // [rows, n]
  int64_t n;

  template <typename Lanes>
  TRELLIS_HOST_DEVICE void operator()(int64_t row, const Lanes& lanes) const {
    const int64_t first = lanes.first(), count = lanes.count();
    const T* in = x + row * n;
    T* out = y + row * n;
    const T largest = LargestOf(in, n, lanes);
    T sum = 0;
    for (int64_t i = first; i < n; i += count) {
      const T e = std::exp(in[i] - largest);
      sum += e;
      if (!logarithm) out[i] = e;
    }
    sum = lanes.Sum(sum);
    if (logarithm) {
      const T log_sum = std::log(sum);
      for (int64_t i = first; i < n; i += count) {
        out[i] = in[i] - largest - log_sum;
      }
    } else {
      for (int64_t i = first; i < n; i += count) out[i] /= sum;
    }
  }
};

// loss = -sum(p * log(q)), backprop = q - p, where q = softmax(x).
template <typename T>
struct CrossEntropyRow {
  const T* x;   // features: element i of a row is x[row * x_row + i * x_step]
  const T* p;   // labels, likewise
  T* loss;      // [rows]
  T* backprop;  // [rows, n]
  int64_t n;
  int64_t x_row, x_step;
  int64_t p_row, p_step;

  template <typename Lanes>
  TRELLIS_HOST_DEVICE void operator()(int64_t row, const Lanes& lanes) const {
    const int64_t first = lanes.first(), count = lanes.count();
    const T* in = x + row * x_row;
    const T* label = p + row * p_row;
    T* q = backprop + row * n;
    const T largest = LargestOf(in, n, lanes, x_step);
    T sum = 0;
    for (int64_t i = first; i < n; i += count) {
      q[i] = std::exp(in[i * x_step] - largest);
      sum += q[i];
    }
    sum = lanes.Sum(sum);
    const T log_sum = std::log(sum);
    T entropy = 0;
    for (int64_t i = first; i < n; i += count) {
      entropy += label[i * p_step] * (log_sum - (in[i * x_step] - largest));
      q[i] = q[i] / sum - label[i * p_step];
    }
    entropy = lanes.Sum(entropy);
    if (first == 0) loss[row] = entropy;
  }
};

// loss = -log(q[label]), backprop = q - one_hot(label), where q = softmax(x).
template <typename T, typename Label>
struct SparseCrossEntropyRow {
  const T* x;           // [rows, n]
  const Label* labels;  // [rows]
  T* loss;              // [rows]
  T* backprop;          // [rows, n]
  int64_t n;

  // Whether the label is one.
  template <typename Lanes>
  TRELLIS_HOST_DEVICE bool operator()(int64_t row, const Lanes& lanes) const {
    const int64_t first = lanes.first(), count = lanes.count();
    const int64_t label = labels[row];
    if (label < 0 || label >= n) return false;
    const T* in = x + row * n;
    T* q = backprop + row * n;
    const T largest = LargestOf(in, n, lanes);
    T sum = 0;
    for (int64_t i = first; i < n; i += count) {
      q[i] = std::exp(in[i] - largest);
      sum += q[i];
    }
    sum = lanes.Sum(sum);
    for (int64_t i = first; i < n; i += count) {
      q[i] = q[i] / sum - (i == label ? T{1} : T{0});
    }
    if (first == 0) loss[row] = std::log(sum) - (in[label] - largest);
    return true;
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_SOFTMAX_FN_H_
