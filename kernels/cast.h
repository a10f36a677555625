// Conversion between element types.
#ifndef TRELLIS_KERNELS_CAST_H_
#define TRELLIS_KERNELS_CAST_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/dtype.h"
#include "trellis/kernels/cast_fn.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

template <typename Device, typename Src, typename Dst>
class CastKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return Device::ForEach(
        c, n_, CastElement<Src, Dst>{c.input<Src>(0), c.output<Dst>(0)});
  }

 private:
  int64_t n_ = 0;  // number of elements
};

template <typename Device, typename Src>
void AddCastKernelsFrom(KernelRegistry& r, absl::string_view device) {
  const auto add = [&]<typename Dst>(Dst) {
    r.Add<CastKernel<Device, Src, Dst>>("Cast", device, DTypeOf<Src>,
                                        {.types = {{"DstT", DTypeOf<Dst>}}});
  };
  add(float{});
  add(double{});
  add(int32_t{});
  add(int64_t{});
  add(uint8_t{});
  add(bool{});
}

template <typename Device>
void AddCastKernels(KernelRegistry& r, absl::string_view device) {
  AddCastKernelsFrom<Device, float>(r, device);
  AddCastKernelsFrom<Device, double>(r, device);
  AddCastKernelsFrom<Device, int32_t>(r, device);
  AddCastKernelsFrom<Device, int64_t>(r, device);
  AddCastKernelsFrom<Device, uint8_t>(r, device);
  AddCastKernelsFrom<Device, bool>(r, device);
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_CAST_H_
