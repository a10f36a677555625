// Select: one of two tensors, element by element or row by row.
#ifndef TRELLIS_KERNELS_SELECT_H_
#define TRELLIS_KERNELS_SELECT_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/kernels/element_types.h"
#include "trellis/kernels/select_fn.h"
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
    return Device::ForRanges(
        c, n_, Device::Grain(1),
        SelectRange<T>{c.input<bool>(0), c.input<T>(1), c.input<T>(2),
                       c.output<T>(0), row_});
  }

 private:
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
