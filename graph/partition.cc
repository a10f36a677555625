#include "trellis/graph/partition.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace trellis {

using absl::InvalidArgumentError;
using absl::StrCat;

absl::StatusOr<Partition> PartitionShape(
    const Shape& shape, absl::Span<const int64_t> parts_per_axis) {
  if (!shape.fully_defined() || shape.rank() == 0) {
    return InvalidArgumentError(
        StrCat("a partitioned variable needs a fully defined shape of rank >= "
               "1, has ",
               shape.ToString()));
  }
  const auto above_one = [](int64_t n) { return n > 1; };
  const auto below_one = [](int64_t n) { return n < 1; };
  const auto& counts = parts_per_axis;
  if (counts.size() != shape.rank() ||
      std::any_of(counts.begin(), counts.end(), below_one) ||
      std::count_if(counts.begin(), counts.end(), above_one) > 1) {
    return InvalidArgumentError(
        StrCat("the partitioner answers [", absl::StrJoin(counts, ","),
               "] for the shape ", shape.ToString(),
               ": must be a number >= 1 for each axis, one at most above 1"));
  }
  Partition partition;
  const auto cut = std::find_if(counts.begin(), counts.end(), above_one);
  if (cut != counts.end()) partition.axis = cut - counts.begin();
  const int64_t n = counts[partition.axis];
  const int64_t length = shape.dim(partition.axis);
  int64_t start = 0;
  for (int64_t i = 0; i < n; ++i) {
    Partition::Part part = {.shape = shape,
                            .offset = std::vector<int64_t>(shape.rank(), 0)};
    part.shape.set_dim(partition.axis, length / n + (i < length % n ? 1 : 0));
    part.offset[partition.axis] = start;
    start += part.shape.dim(partition.axis);
    partition.parts.push_back(std::move(part));
  }
  return partition;
}

Partitioner FixedSizePartitioner(int64_t parts, int axis) {
  return [=](const Shape& shape, DType) {
    std::vector<int64_t> counts(std::max(shape.rank(), 0), 1);
    if (axis < counts.size()) {
      counts[axis] = std::max<int64_t>(1, std::min(parts, shape.dim(axis)));
    }
    return counts;
  };
}

}  // namespace trellis
