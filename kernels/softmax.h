// Softmax along rows, and the cross entropies that go with it. All of them
// subtract a row's largest element first, so that no exponential overflows.
#ifndef TRELLIS_KERNELS_SOFTMAX_H_
#define TRELLIS_KERNELS_SOFTMAX_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/dtype.h"
#include "trellis/kernels/softmax_fn.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

// The cost of an element, most of it an exponential.
inline constexpr int64_t kSoftmaxCost = 10;

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
    return Device::ForEachRow(
        c, rows_, SoftmaxRow<T, logarithm>{c.input<T>(0), c.output<T>(0), n_},
        kSoftmaxCost * n_);
  }

 private:
  int64_t rows_ = 0;
  int64_t n_ = 0;  // length of a row
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
    return Device::ForEachRow(
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
    return Device::ForEachRowChecked(
        c, rows_,
        SparseCrossEntropyRow<T, Label>{c.input<T>(0), labels, c.output<T>(0),
                                        c.output<T>(1), n_},
        [labels, n = n_](int64_t row) {
          return absl::InvalidArgumentError(
              absl::StrCat("labels[", row, "]", Device::Shown(labels + row),
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
