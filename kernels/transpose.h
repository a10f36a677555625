// Transpose, a strided copy; and InvertPermutation.
#ifndef TRELLIS_KERNELS_TRANSPOSE_H_
#define TRELLIS_KERNELS_TRANSPOSE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/tensor.h"
#include "trellis/kernels/element_types.h"
#include "trellis/kernels/strided_copy.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

// REQUIRES of the registration: the value of perm, input 1.
template <typename Device, typename T>
class TransposeKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    const Shape& y = c.output_shape(0);
    const std::vector<int64_t> perm = IntegersOf(*c.input_value(1));
    const std::vector<int64_t> x_strides = RowMajorStrides(c.input_shape(0));
    const std::vector<int64_t> y_strides = RowMajorStrides(y);
    for (int d = 0; d < y.rank(); ++d) {
      TRELLIS_RETURN_IF_ERROR(
          AddDim(copy_, y.dim(d), x_strides[perm[d]], y_strides[d]));
    }
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return RunStridedCopy<Device>(c, copy_, c.input<T>(0), c.output<T>(0));
  }

 private:
  StridedCopy copy_;
};

// On the host. Errors: InvalidArgument if the input is no permutation.
template <typename T>
class InvertPermutationKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    const T* x = c.input<T>(0);
    T* y = c.output<T>(0);
    for (int64_t i = 0; i < n_; ++i) y[i] = -1;
    for (int64_t i = 0; i < n_; ++i) {
      if (x[i] < 0 || x[i] >= n_ || y[x[i]] != -1) {
        return absl::InvalidArgumentError(absl::StrCat(
            "element ", i, " is ", x[i], ": no permutation of 0 to ", n_ - 1));
      }
      y[x[i]] = static_cast<T>(i);
    }
    return absl::OkStatus();
  }

 private:
  int64_t n_ = 0;
};

// ---- registration

template <typename Device>
void AddTransposeKernels(KernelRegistry& r, absl::string_view device) {
  AddMover<TransposeKernel, Device>(r, "Transpose", device,
                                    {.value_inputs = {1}});
  // On the host, wherever the node is placed.
  const KernelOptions on_host = {.host_inputs = {0}, .host_outputs = {0}};
  r.Add<InvertPermutationKernel<int32_t>>("InvertPermutation", device, kInt32,
                                          on_host);
  r.Add<InvertPermutationKernel<int64_t>>("InvertPermutation", device, kInt64,
                                          on_host);
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_TRANSPOSE_H_
