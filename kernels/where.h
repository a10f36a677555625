// Where and OneHot.
#ifndef TRELLIS_KERNELS_WHERE_H_
#define TRELLIS_KERNELS_WHERE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "trellis/base/status_macros.h"
#include "trellis/kernels/host_device.h"
#include "trellis/kernels/strided_copy.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

// On the host: two passes over the input, one that counts.
template <typename T>
class WhereKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.input_shape(0).num_elements();
    strides_ = RowMajorStrides(c.input_shape(0));
    dims_.assign(c.input_shape(0).dims().begin(),
                 c.input_shape(0).dims().end());
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    const T* x = c.input<T>(0);
    int64_t count = 0;
    for (int64_t i = 0; i < n_; ++i) count += x[i] != T(0);
    TRELLIS_RETURN_IF_ERROR(
        c.AllocateOutput(0, Shape{count, static_cast<int64_t>(dims_.size())}));
    int64_t* y = c.output<int64_t>(0);
    for (int64_t i = 0; i < n_; ++i) {
      if (x[i] == T(0)) continue;
      for (size_t d = 0; d < dims_.size(); ++d) {
        *y++ = i / strides_[d] % dims_[d];
      }
    }
    return absl::OkStatus();
  }

 private:
  int64_t n_ = 0;
  std::vector<int64_t> dims_;
  std::vector<int64_t> strides_;
};

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

template <typename Device, typename T, typename Index>
class OneHotKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    const Shape& y = c.output_shape(0);
    const int64_t attr = c.attr<int64_t>("axis");
    const int axis = static_cast<int>(attr < 0 ? y.rank() - 1 : attr);
    n_ = y.num_elements();
    depth_ = y.dim(axis);
    for (int d = axis + 1; d < y.rank(); ++d) inner_ *= y.dim(d);
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return Device::ForEach(
        c, n_,
        OneHotFn<T, Index>{depth_, inner_, c.input<Index>(0), c.input<T>(2),
                           c.input<T>(3), c.output<T>(0)},
        /*cost=*/8);
  }

 private:
  int64_t n_ = 0, depth_ = 1, inner_ = 1;
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_WHERE_H_
