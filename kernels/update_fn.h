// Additions to a variable, as the host's compiler and the GPU's see them.
#ifndef TRELLIS_KERNELS_UPDATE_FN_H_
#define TRELLIS_KERNELS_UPDATE_FN_H_

#include <cstdint>

#include "trellis/kernels/host_device.h"
#include "trellis/kernels/wrap.h"

namespace trellis {

// v[i] += sign * x[i]
template <typename T, int sign>
struct UpdateFn {
  const T* x;
  T* v;  // may be x

  TRELLIS_HOST_DEVICE void operator()(int64_t i) const {
    v[i] = sign > 0 ? WrapAdd(v[i], x[i]) : WrapSub(v[i], x[i]);
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_UPDATE_FN_H_
