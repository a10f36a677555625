// What broadcasting did to the operands of an element-wise operation.
#ifndef TRELLIS_GRAPH_BROADCAST_H_
#define TRELLIS_GRAPH_BROADCAST_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace trellis {

// Axes of the result over which a gradient must be summed to get that of the
// operand, ascending. Summed so, it has the operand's shape after a reshape.
struct BroadcastAxes {
  std::vector<int64_t> x;
  std::vector<int64_t> y;
};

// The axes that were stretched or added. Where both operands have length 1,
// the axis is among those of both, unless the shapes are equal: then there are
// none. (So does TensorFlow; the axes can be seen in graphs and fetched.)
// InvalidArgument if the shapes do not broadcast. Dimensions are >= 0.
absl::StatusOr<BroadcastAxes> AxesOfBroadcast(absl::Span<const int64_t> x,
                                              absl::Span<const int64_t> y);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_BROADCAST_H_
