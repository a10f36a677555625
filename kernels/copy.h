// The output is the input: for ops that are views, where a plan cannot see that
// a view is safe.
#ifndef TRELLIS_KERNELS_COPY_H_
#define TRELLIS_KERNELS_COPY_H_

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "trellis/kernels/host_device.h"
#include "trellis/kernels/strided_copy.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

template <typename T>
struct CopyFn {
  const T* x;
  T* y;

  TRELLIS_HOST_DEVICE void operator()(int64_t begin, int64_t end) const {
    std::copy(x + begin, x + end, y + begin);
  }
};

// Output 0 = input 0; what the shape says may differ.
template <typename Device, typename T>
class CopyKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return Device::ForRanges(c, n_, Device::kCopyGrain,
                             CopyFn<T>{c.input<T>(0), c.output<T>(0)});
  }

 private:
  int64_t n_ = 0;
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_COPY_H_
