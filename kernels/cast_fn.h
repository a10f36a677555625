// The function of Cast (cast.h), as the host's compiler and the GPU's see it.
#ifndef TRELLIS_KERNELS_CAST_FN_H_
#define TRELLIS_KERNELS_CAST_FN_H_

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "trellis/kernels/host_device.h"

namespace trellis {

// `x` without its fraction. What Dst cannot hold, NaN included, becomes the
// least Dst, as x86 and so TensorFlow there has it; C++ leaves it undefined.
template <typename Dst, typename Src>
TRELLIS_HOST_DEVICE inline Dst Truncate(Src x) {
  static_assert(std::is_signed_v<Dst> && std::is_floating_point_v<Src>);
  // A power of 2, which every Src holds, as it does the bound on the other
  // side.
  constexpr Src kLeast = static_cast<Src>(std::numeric_limits<Dst>::min());
  // What is below kLeast by a fraction becomes kLeast either way. One
  // comparison and no branch, so that loops are vectorized.
  const bool fits = std::abs(x) < -kLeast;
  return static_cast<Dst>(fits ? x : kLeast);
}

// y[i] = x[i]. Of an integer that the type cannot hold, its low bits; of a
// fraction, Truncate to int32 or int64, and of that the low bits.
template <typename Src, typename Dst>
struct CastElement {
  const Src* x;
  Dst* y;
  TRELLIS_HOST_DEVICE void operator()(int64_t i) const {
    if constexpr (std::is_same_v<Dst, bool>) {
      y[i] = x[i] != Src{};
    } else if constexpr (std::is_floating_point_v<Src> &&
                         std::is_integral_v<Dst>) {
      using Wide =
          std::conditional_t<(sizeof(Dst) < sizeof(int32_t)), int32_t, Dst>;
      y[i] = static_cast<Dst>(Truncate<Wide>(x[i]));
    } else {
      y[i] = static_cast<Dst>(x[i]);
    }
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_CAST_FN_H_
