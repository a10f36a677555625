// Where the elements of two operands are under broadcasting, as the host's
// compiler and the GPU's see it.
#ifndef TRELLIS_KERNELS_BROADCAST_WALK_H_
#define TRELLIS_KERNELS_BROADCAST_WALK_H_

#include <array>
#include <cstdint>

#include "trellis/kernels/host_device.h"

namespace trellis {

// The result as rows of `inner` consecutive elements, in which each operand
// either walks along or stands still. Neighbouring axes that behave alike are
// one, so equal shapes, and a scalar with anything, give a single row.
struct Broadcast {
  // Axes outside of the rows; more than this many never occur outside of tests
  // of limits.
  static constexpr int kMaxOuterRank = 15;

  int64_t num_elements = 0;
  int64_t inner = 1;
  bool x_moves = true;  // inside a row
  bool y_moves = true;

  int outer_rank = 0;
  // From the slowest to the fastest axis; how far one step moves the operand.
  std::array<int64_t, kMaxOuterRank> dims;
  std::array<int64_t, kMaxOuterRank> x_strides;
  std::array<int64_t, kMaxOuterRank> y_strides;

  // Where row `row` begins in the operands.
  TRELLIS_HOST_DEVICE void Locate(int64_t row, int64_t* x, int64_t* y) const {
    *x = *y = 0;
    for (int axis = outer_rank - 1; axis >= 0; --axis) {
      const int64_t index = row % dims[axis];
      row /= dims[axis];
      *x += index * x_strides[axis];
      *y += index * y_strides[axis];
    }
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_BROADCAST_WALK_H_
