// Where and OneHot.
#ifndef TRELLIS_KERNELS_WHERE_H_
#define TRELLIS_KERNELS_WHERE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/base/status_macros.h"
#include "trellis/kernels/element_types.h"
#include "trellis/kernels/one_hot_fn.h"
#include "trellis/kernels/strided_copy.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
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

// ---- registration

template <typename Device, typename T>
using OneHotBy8 = OneHotKernel<Device, T, uint8_t>;
template <typename Device, typename T>
using OneHotBy32 = OneHotKernel<Device, T, int32_t>;
template <typename Device, typename T>
using OneHotBy64 = OneHotKernel<Device, T, int64_t>;

template <typename Device>
void AddWhereKernels(KernelRegistry& r, absl::string_view device) {
  const KernelOptions on_host = {.host_inputs = {0}, .host_outputs = {0}};
  r.Add<WhereKernel<bool>>("Where", device, kBool, on_host);
  r.Add<WhereKernel<float>>("Where", device, kFloat32, on_host);
  r.Add<WhereKernel<double>>("Where", device, kFloat64, on_host);
  r.Add<WhereKernel<int32_t>>("Where", device, kInt32, on_host);
  r.Add<WhereKernel<int64_t>>("Where", device, kInt64, on_host);
  r.Add<WhereKernel<uint8_t>>("Where", device, kUint8, on_host);
  AddMover<OneHotBy8, Device>(r, "OneHot", device,
                              {.types = {{"TI", kUint8}}, .host_inputs = {1}});
  AddMover<OneHotBy32, Device>(r, "OneHot", device,
                               {.types = {{"TI", kInt32}}, .host_inputs = {1}});
  AddMover<OneHotBy64, Device>(r, "OneHot", device,
                               {.types = {{"TI", kInt64}}, .host_inputs = {1}});
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_WHERE_H_
