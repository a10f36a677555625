// Select: one of two tensors, element by element or row by row.
#ifndef TRELLIS_KERNELS_SELECT_H_
#define TRELLIS_KERNELS_SELECT_H_

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/kernels/element_types.h"
#include "trellis/kernels/host_device.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

template <typename Device, typename T>
class SelectKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    const int64_t conditions = c.input_shape(0).num_elements();
    row_ = conditions == 0 ? 1 : n_ / conditions;
    return absl::OkStatus();
  }

  absl::Status Run(RunContext& c) const override {
    return Device::ForRanges(c, n_, Device::Grain(1),
                             Range{c.input<bool>(0), c.input<T>(1),
                                   c.input<T>(2), c.output<T>(0), row_});
  }

 private:
  // y may be t or e.
  struct Range {
    const bool* condition;
    const T* t;
    const T* e;
    T* y;
    int64_t row;

    TRELLIS_HOST_DEVICE void operator()(int64_t begin, int64_t end) const {
      if (row == 1) {
#pragma GCC ivdep
        for (int64_t i = begin; i < end; ++i) {
          y[i] = condition[i] ? t[i] : e[i];
        }
        return;
      }
      while (begin < end) {
        const int64_t at = begin / row;
        const int64_t row_end = std::min(end, (at + 1) * row);
        const T* from = condition[at] ? t : e;
#pragma GCC ivdep
        for (int64_t i = begin; i < row_end; ++i) y[i] = from[i];
        begin = row_end;
      }
    }
  };

  int64_t n_ = 0;    // number of elements
  int64_t row_ = 1;  // elements for which one condition decides
};

template <typename Device>
void AddSelectKernels(KernelRegistry& r, absl::string_view device,
                      bool strings) {
  AddMover<SelectKernel, Device>(r, "Select", device, {}, strings);
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_SELECT_H_
