// The sum of several tensors of one shape.
#ifndef TRELLIS_KERNELS_ADD_N_H_
#define TRELLIS_KERNELS_ADD_N_H_

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/dtype.h"
#include "trellis/kernels/host_device.h"
#include "trellis/kernels/wrap.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

// ((x0 + x1) + x2) + ... in passes over memory of up to kMaxTerms terms each;
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
      Range pass{.y = c.output<T>(0)};
      if (next > 0) pass.x[pass.terms++] = pass.y;
      while (pass.terms < kMaxTerms && next < terms_) {
        pass.x[pass.terms++] = c.input<T>(next++);
      }
      TRELLIS_RETURN_IF_ERROR(
          Device::ForRanges(c, n_, Device::Grain(pass.terms), pass));
    } while (next < terms_);
    return absl::OkStatus();
  }

 private:
  static constexpr int kMaxTerms = 8;

  struct Range {
    // Sums are made of so many elements at a time, which stay in a close cache.
    static constexpr int64_t kBlock = 1024;

    T* y;
    const T* x[kMaxTerms] = {};
    int terms = 0;

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
  };

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
