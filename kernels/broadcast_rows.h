// How the elements of two operands meet under broadcasting.
#ifndef TRELLIS_KERNELS_BROADCAST_ROWS_H_
#define TRELLIS_KERNELS_BROADCAST_ROWS_H_

#include "absl/status/statusor.h"
#include "trellis/graph/shape.h"
#include "trellis/kernels/broadcast_walk.h"

namespace trellis {

// REQUIRES: fully defined shapes that broadcast. Unimplemented if they take
// turns in broadcasting along more than kMaxOuterRank axes.
absl::StatusOr<Broadcast> MakeBroadcast(const Shape& x, const Shape& y);

}  // namespace trellis

#endif  // TRELLIS_KERNELS_BROADCAST_ROWS_H_
