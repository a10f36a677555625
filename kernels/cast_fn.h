// The function of Cast (cast.h), as the host's compiler and the GPU's see it.
#ifndef TRELLIS_KERNELS_CAST_FN_H_
#define TRELLIS_KERNELS_CAST_FN_H_

#include <cstdint>
#include <type_traits>

#include "trellis/kernels/host_device.h"

namespace trellis {

// y[i] = x[i]. Fractions are cut off. What the type cannot hold becomes, of an
// integer, its low bits; of a fraction, something.
template <typename Src, typename Dst>
struct CastElement {
  const Src* x;
  Dst* y;
  TRELLIS_HOST_DEVICE void operator()(int64_t i) const {
    if constexpr (std::is_same_v<Dst, bool>) {
      y[i] = x[i] != Src{};
    } else {
      y[i] = static_cast<Dst>(x[i]);
    }
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_CAST_FN_H_
