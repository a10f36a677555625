// What a strided slice takes of a tensor: TensorFlow's StridedSlice and
// Python's x[begin:end:stride, ..., new axis, index] in one form that knows
// neither masks nor negative positions.
//
//   x[1:-1, ::2, 0]  of shape [5, 7, 3]
//   -> positions {1 step 1 x3, 0 step 2 x4, 0 step 1 x1}, result [3, 4]
#ifndef TRELLIS_GRAPH_STRIDED_SLICE_H_
#define TRELLIS_GRAPH_STRIDED_SLICE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "trellis/graph/shape.h"

namespace trellis {

// The op's attributes; bit i belongs to element i of begin, end and strides.
struct StridedSliceMasks {
  int64_t begin = 0;        // begin[i] is ignored: from the first
  int64_t end = 0;          // end[i] is ignored: to the last
  int64_t ellipsis = 0;     // "...": at most one bit
  int64_t new_axis = 0;     // inserts a dimension of size 1
  int64_t shrink_axis = 0;  // takes one position and drops the dimension
};

struct StridedSlice {
  // One dimension of the input: positions begin, begin + stride, ... of `size`.
  struct Range {
    int64_t begin = 0;   // unspecified where size is unknown
    int64_t stride = 1;  // != 0
    int64_t size = kUnknownDim;
  };
  std::vector<Range> ranges;  // one per dimension of the input
  Shape shape;                // of the result
};

// Elements of begin, end and strides may be unknown. All three are equally
// long. InvalidArgument for a stride of 0, an index out of bounds, too many
// elements for the input's rank, or two ellipses.
// REQUIRES: `input` has a known rank.
absl::StatusOr<StridedSlice> ResolveStridedSlice(
    const Shape& input, absl::Span<const std::optional<int64_t>> begin,
    absl::Span<const std::optional<int64_t>> end,
    absl::Span<const std::optional<int64_t>> strides,
    const StridedSliceMasks& masks);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_STRIDED_SLICE_H_
