// Softmax along rows, and the cross entropies that go with it. All of them
// subtract a row's largest element first, so that no exponential overflows.
#ifndef TRELLIS_KERNELS_SOFTMAX_H_
#define TRELLIS_KERNELS_SOFTMAX_H_

#include <cmath>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/dtype.h"
#include "trellis/kernels/host_device.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

// The cost of an element, most of it an exponential.
inline constexpr int64_t kSoftmaxCost = 10;

// REQUIRES: n > 0. Element i is x[i * stride].
template <typename T>
TRELLIS_HOST_DEVICE T LargestOf(const T* x, int64_t n, int64_t stride = 1) {
  T largest = x[0];
  for (int64_t i = 1; i < n; ++i) {
    if (largest < x[i * stride]) largest = x[i * stride];
  }
  return largest;
}

// y may be x.
template <typename T, bool logarithm>
struct SoftmaxRow {
  const T* x;  // [rows, n]
  T* y;        // [rows, n]
  int64_t n;

  TRELLIS_HOST_DEVICE void operator()(int64_t row) const {
    const T* in = x + row * n;
    T* out = y + row * n;
    const T largest = LargestOf(in, n);
    T sum = 0;
    for (int64_t i = 0; i < n; ++i) {
      const T e = std::exp(in[i] - largest);
      sum += e;
      if (!logarithm) out[i] = e;
    }
    if (logarithm) {
      const T log_sum = std::log(sum);
      for (int64_t i = 0; i < n; ++i) out[i] = in[i] - largest - log_sum;
    } else {
      for (int64_t i = 0; i < n; ++i) out[i] /= sum;
    }
  }
};

template <typename Device, typename T, bool logarithm>
class SoftmaxKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    Shape shape = c.input_shape(0);
    n_ = shape.back();
    rows_ = n_ == 0 ? 0 : shape.num_elements() / n_;
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return Device::ForEach(
        c, rows_, SoftmaxRow<T, logarithm>{c.input<T>(0), c.output<T>(0), n_},
        kSoftmaxCost * n_);
  }

 private:
  int64_t rows_ = 0;
  int64_t n_ = 0;  // length of a row
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

  TRELLIS_HOST_DEVICE void operator()(int64_t row) const {
    const T* in = x + row * x_row;
    const T* label = p + row * p_row;
    T* q = backprop + row * n;
    const T largest = n == 0 ? T{0} : LargestOf(in, n, x_step);
    T sum = 0;
    for (int64_t i = 0; i < n; ++i) {
      q[i] = std::exp(in[i * x_step] - largest);
      sum += q[i];
    }
    const T log_sum = std::log(sum);
    T entropy = 0;
    for (int64_t i = 0; i < n; ++i) {
      entropy += label[i * p_step] * (log_sum - (in[i * x_step] - largest));
      q[i] = q[i] / sum - label[i * p_step];
    }
    loss[row] = entropy;
  }
};

template <typename Device, typename T>
class CrossEntropyKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    rows_ = c.output_shape(1).dim(0);
    n_ = c.output_shape(1).dim(1);
    features_ = StridesOf(c.input_shape(0));
    labels_ = StridesOf(c.input_shape(1));
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return Device::ForEach(
        c, rows_,
        CrossEntropyRow<T>{c.input<T>(0), c.input<T>(1), c.output<T>(0),
                           c.output<T>(1), n_, features_.row, features_.step,
                           labels_.row, labels_.step},
        kSoftmaxCost * n_);
  }

 private:
  struct Strides {
    int64_t row = 0;
    int64_t step = 0;
  };

  // Of an operand that broadcasts to [rows, n].
  static Strides StridesOf(const Shape& shape) {
    const int rank = shape.rank();
    const int64_t columns = rank == 0 ? 1 : shape.dim(rank - 1);
    return {.row = rank == 2 && shape.dim(0) != 1 ? columns : 0,
            .step = columns == 1 ? 0 : 1};
  }

  int64_t rows_ = 0;
  int64_t n_ = 0;  // number of classes
  Strides features_;
  Strides labels_;
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
  TRELLIS_HOST_DEVICE bool operator()(int64_t row) const {
    const int64_t label = labels[row];
    if (label < 0 || label >= n) return false;
    const T* in = x + row * n;
    T* q = backprop + row * n;
    const T largest = LargestOf(in, n);
    T sum = 0;
    for (int64_t i = 0; i < n; ++i) {
      q[i] = std::exp(in[i] - largest);
      sum += q[i];
    }
    for (int64_t i = 0; i < n; ++i) q[i] /= sum;
    q[label] -= 1;
    loss[row] = std::log(sum) - (in[label] - largest);
    return true;
  }
};

template <typename Device, typename T, typename Label>
class SparseCrossEntropyKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    rows_ = c.input_shape(0).dim(0);
    n_ = c.input_shape(0).dim(1);
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    const Label* labels = c.input<Label>(1);
    return Device::ForEachChecked(
        c, rows_,
        SparseCrossEntropyRow<T, Label>{c.input<T>(0), labels, c.output<T>(0),
                                        c.output<T>(1), n_},
        [labels, n = n_](int64_t row) {
          return absl::InvalidArgumentError(
              absl::StrCat("label ", labels[row], " of row ", row,
                           " is not in [0, ", n, ")"));
        },
        kSoftmaxCost * n_);
  }

 private:
  int64_t rows_ = 0;
  int64_t n_ = 0;  // number of classes
};

template <typename Device, typename T>
void AddSoftmaxKernelsOf(KernelRegistry& r, absl::string_view device) {
  constexpr DType type = DTypeOf<T>;
  r.Add<SoftmaxKernel<Device, T, false>>("Softmax", device, type);
  r.Add<SoftmaxKernel<Device, T, true>>("LogSoftmax", device, type);
  r.Add<CrossEntropyKernel<Device, T>>("SoftmaxCrossEntropyWithLogits", device,
                                       type);
  r.Add<SparseCrossEntropyKernel<Device, T, int32_t>>(
      "SparseSoftmaxCrossEntropyWithLogits", device, type,
      {.types = {{"Tlabels", kInt32}}});
  r.Add<SparseCrossEntropyKernel<Device, T, int64_t>>(
      "SparseSoftmaxCrossEntropyWithLogits", device, type,
      {.types = {{"Tlabels", kInt64}}});
}

template <typename Device>
void AddSoftmaxKernels(KernelRegistry& r, absl::string_view device) {
  AddSoftmaxKernelsOf<Device, float>(r, device);
  AddSoftmaxKernelsOf<Device, double>(r, device);
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_SOFTMAX_H_
