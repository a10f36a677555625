// The kernels of z = F(x, y), element by element, under broadcasting, for a
// function object F as element_wise_fn.h describes it.
#ifndef TRELLIS_KERNELS_ELEMENT_WISE_H_
#define TRELLIS_KERNELS_ELEMENT_WISE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/kernels/broadcast_rows.h"
#include "trellis/kernels/element_wise_fn.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

// The shape function has checked that the shapes broadcast.
template <typename Device, typename F>
class ElementWiseKernel final : public Kernel {
  using In = typename F::In;

 public:
  absl::Status Prepare(PrepareContext& c) override {
    TRELLIS_ASSIGN_OR_RETURN(broadcast_,
                             MakeBroadcast(c.input_shape(0), c.input_shape(1)));
    y_elements_ = c.input_shape(1).num_elements();
    return absl::OkStatus();
  }

  absl::Status Run(RunContext& c) const override {
    if (broadcast_.num_elements == 0) return absl::OkStatus();
    const In* y = c.input<In>(1);
    if constexpr (requires { F::Accepts(*y); }) {
      TRELLIS_RETURN_IF_ERROR(Device::ForEachChecked(
          c, y_elements_, AcceptsElement<F>{y}, [](int64_t i) {
            return absl::InvalidArgumentError(absl::StrCat(
                F::kRefusal, ": element ", i, " of y is ", F::kRefused));
          }));
    }
    return Device::ForRanges(
        c, broadcast_.num_elements, Device::Grain(F::kCost),
        ElementWiseRange<F, typename Device::template Held<Broadcast>>{
            c.input<In>(0), y, c.output<typename F::Out>(0), broadcast_});
  }

 private:
  Broadcast broadcast_;
  int64_t y_elements_ = 0;
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_ELEMENT_WISE_H_
