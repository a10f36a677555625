// z = F(x, y), element by element, under broadcasting: the loops of all binary
// element-wise kernels.
//
// F is a function object with types In and Out and the cost kCost of one call.
// One that cannot take every y has besides
//
//   static bool Accepts(const In& y)
//   static absl::Status Refusal(int64_t i)  // for element i of y
//
// and is called with elements that it does not accept all the same; it may then
// return anything.
#ifndef TRELLIS_KERNELS_ELEMENT_WISE_H_
#define TRELLIS_KERNELS_ELEMENT_WISE_H_

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "trellis/base/status_macros.h"
#include "trellis/kernels/broadcast_rows.h"
#include "trellis/kernels/host_device.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

// Elements [begin, end) of the result. z may be x or y, where that has as many
// elements as z.
template <typename F>
struct ElementWiseRange {
  using In = typename F::In;
  using Out = typename F::Out;

  const In* x;
  const In* y;
  Out* z;
  const Broadcast* broadcast;

  TRELLIS_HOST_DEVICE void operator()(int64_t begin, int64_t end) const {
    const Broadcast& b = *broadcast;
    while (begin < end) {
      const int64_t row = begin / b.inner, column = begin % b.inner;
      const int64_t n = std::min(b.inner - column, end - begin);
      int64_t x_at, y_at;
      b.Locate(row, &x_at, &y_at);
      Row(x + x_at + (b.x_moves ? column : 0), b.x_moves,
          y + y_at + (b.y_moves ? column : 0), b.y_moves, z + begin, n);
      begin += n;
    }
  }

 private:
  // Element i depends on elements i alone, so each loop may be vectorized
  // without a check that the operands lie apart.
  TRELLIS_HOST_DEVICE static void Row(const In* x, bool x_moves, const In* y,
                                      bool y_moves, Out* z, int64_t n) {
    const F f;
    if (x_moves && y_moves) {
#pragma GCC ivdep
      for (int64_t i = 0; i < n; ++i) z[i] = f(x[i], y[i]);
    } else if (x_moves) {
      const In y0 = *y;
#pragma GCC ivdep
      for (int64_t i = 0; i < n; ++i) z[i] = f(x[i], y0);
    } else {
      const In x0 = *x;
#pragma GCC ivdep
      for (int64_t i = 0; i < n; ++i) z[i] = f(x0, y[i]);
    }
  }
};

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
          c, y_elements_, [y](int64_t i) { return F::Accepts(y[i]); },
          F::Refusal));
    }
    return Device::ForRanges(
        c, broadcast_.num_elements, Device::Grain(F::kCost),
        ElementWiseRange<F>{c.input<In>(0), y, c.output<typename F::Out>(0),
                            &broadcast_});
  }

 private:
  Broadcast broadcast_;
  int64_t y_elements_ = 0;
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_ELEMENT_WISE_H_
