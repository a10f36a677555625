// The output is the input: for ops that are views, where a plan cannot see that
// a view is safe.
#ifndef TRELLIS_KERNELS_COPY_H_
#define TRELLIS_KERNELS_COPY_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/kernels/copy_fn.h"
#include "trellis/kernels/element_types.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

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

// ---- registration

// Of the ops that are views (OpSchema::view_of).
template <typename Device>
void AddCopyKernels(KernelRegistry& r, absl::string_view device) {
  for (const char* op :
       {"Identity", "StopGradient", "PreventGradient", "PlaceholderWithDefault",
        "Squeeze", "ReadVariableOp"}) {
    AddMover<CopyKernel, Device>(r, op, device);
  }
  for (const char* op : {"Reshape", "ExpandDims"}) {
    AddMover<CopyKernel, Device>(r, op, device, {.host_inputs = {1}});
  }
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_COPY_H_
