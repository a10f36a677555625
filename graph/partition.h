// How a variable is cut into parts along one axis (R2.57, R2.58).
#ifndef TRELLIS_GRAPH_PARTITION_H_
#define TRELLIS_GRAPH_PARTITION_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/variable_scope.h"

namespace trellis {

struct Partition {
  struct Part {
    Shape shape;
    std::vector<int64_t> offset;
    bool operator==(const Part&) const = default;
  };

  int axis = 0;  // 0 if there is one part
  std::vector<Part> parts;
  bool operator==(const Partition&) const = default;
};

// Cuts the shape into so many parts per axis; where they are not equally long,
// the first ones are longer by one. InvalidArgument if the shape is not fully
// defined or has rank 0, if there is not one number >= 1 for each axis, or if
// more than one of them is above 1.
absl::StatusOr<Partition> PartitionShape(
    const Shape& shape, absl::Span<const int64_t> parts_per_axis);

// `parts` along `axis`, but no more than the axis is long.
Partitioner FixedSizePartitioner(int64_t parts, int axis = 0);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_PARTITION_H_
