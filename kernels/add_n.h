// The sum of several tensors of one shape.
#ifndef TRELLIS_KERNELS_ADD_N_H_
#define TRELLIS_KERNELS_ADD_N_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/dtype.h"
#include "trellis/kernels/add_n_fn.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

// ((x0 + x1) + x2) + ... in passes of AddNRange over memory;
// y may be x0.
template <typename Device, typename T>
class AddNKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    terms_ = c.num_inputs();
    return absl::OkStatus();
  }

  absl::Status Run(RunContext& c) const override {
    int next = 0;
    do {
      AddNRange<T> pass{.y = c.output<T>(0)};
      if (next > 0) pass.x[pass.terms++] = pass.y;
      while (pass.terms < pass.kMaxTerms && next < terms_) {
        pass.x[pass.terms++] = c.input<T>(next++);
      }
      TRELLIS_RETURN_IF_ERROR(
          Device::ForRanges(c, n_, Device::Grain(pass.terms), pass));
    } while (next < terms_);
    return absl::OkStatus();
  }

 private:
  int64_t n_ = 0;  // number of elements
  int terms_ = 0;
};

template <typename Device>
void AddAddNKernels(KernelRegistry& r, absl::string_view device) {
  r.Add<AddNKernel<Device, float>>("AddN", device, kFloat32);
  r.Add<AddNKernel<Device, double>>("AddN", device, kFloat64);
  r.Add<AddNKernel<Device, int32_t>>("AddN", device, kInt32);
  r.Add<AddNKernel<Device, int64_t>>("AddN", device, kInt64);
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_ADD_N_H_
