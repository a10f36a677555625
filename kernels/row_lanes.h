// Who works on a row together: one thread of the host, or the lanes of a warp
// of a GPU (cuda/warp_lanes.cuh). Lane l of n takes the elements l, l + n, ...,
// and what all of them found is combined in a fixed order. Functions that take
// lanes are called by all of them, with the same arguments.
#ifndef TRELLIS_KERNELS_ROW_LANES_H_
#define TRELLIS_KERNELS_ROW_LANES_H_

#include <cstdint>

#include "trellis/kernels/host_device.h"

namespace trellis {

struct OneLane {
  TRELLIS_HOST_DEVICE static constexpr int64_t first() { return 0; }
  TRELLIS_HOST_DEVICE static constexpr int64_t count() { return 1; }
  // Of the values that the lanes give, for all of them.
  template <typename T>
  TRELLIS_HOST_DEVICE static T Sum(T value) {
    return value;
  }
  template <typename T>
  TRELLIS_HOST_DEVICE static T Max(T value) {
    return value;
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_ROW_LANES_H_
