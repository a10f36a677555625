// The loops of binary element-wise kernels (element_wise.h), as the host's
// compiler and the GPU's see them: z = F(x, y), element by element, under
// broadcasting.
//
// F is a function object with types In and Out and the cost kCost of one call.
// One that cannot take every y has besides
//
//   static bool Accepts(const In& y)
//   kRefusal  what is wrong then: "integer division by zero"
//   kRefused  and what element of y it is: "0"
//
// and is called with elements that it does not accept all the same; it may then
// return anything.
#ifndef TRELLIS_KERNELS_ELEMENT_WISE_FN_H_
#define TRELLIS_KERNELS_ELEMENT_WISE_FN_H_

#include <algorithm>
#include <cstdint>

#include "trellis/kernels/broadcast_walk.h"
#include "trellis/kernels/host_device.h"

namespace trellis {

// Elements [begin, end) of the result. z may be x or y, where that has as many
// elements as z. B is Broadcast, or a reference to one (Device::Held).
template <typename F, typename B>
struct ElementWiseRange {
  using In = typename F::In;
  using Out = typename F::Out;

  const In* x;
  const In* y;
  Out* z;
  B broadcast;

  // Element i alone, for devices whose threads take one each.
  TRELLIS_HOST_DEVICE void operator()(int64_t i) const {
    const Broadcast& b = broadcast;
    int64_t column = i, x_at = 0, y_at = 0;
    if (b.outer_rank > 0) {
      const int64_t row = i / b.inner;
      column = i - row * b.inner;
      b.Locate(row, &x_at, &y_at);
    }
    z[i] = F()(x[x_at + (b.x_moves ? column : 0)],
               y[y_at + (b.y_moves ? column : 0)]);
  }

  TRELLIS_HOST_DEVICE void operator()(int64_t begin, int64_t end) const {
    const Broadcast& b = broadcast;
    while (begin < end) {
      const int64_t row = begin / b.inner;
      const int64_t column = begin - row * b.inner;
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

// Whether F takes element i of y.
template <typename F>
struct AcceptsElement {
  const typename F::In* y;
  TRELLIS_HOST_DEVICE bool operator()(int64_t i) const {
    return F::Accepts(y[i]);
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_ELEMENT_WISE_FN_H_
