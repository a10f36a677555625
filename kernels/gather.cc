#include "trellis/kernels/gather.h"

#include "absl/strings/str_cat.h"
#include "trellis/graph/tensor.h"
#include "trellis/kernels/strided_copy.h"

namespace trellis {
namespace {

// The largest index + 1. InvalidArgument for a negative index.
absl::StatusOr<int64_t> IndexBound(const StitchSizes& sizes, RunContext& c) {
  int64_t bound = 0;
  for (size_t i = 0; i < sizes.counts.size(); ++i) {
    const int32_t* indices = c.input<int32_t>(static_cast<int>(i));
    for (int64_t j = 0; j < sizes.counts[i]; ++j) {
      if (indices[j] < 0) {
        return absl::InvalidArgumentError(
            absl::StrCat("index ", indices[j], " is negative"));
      }
      bound = std::max<int64_t>(bound, int64_t{indices[j]} + 1);
    }
  }
  return bound;
}

}  // namespace

GatherSizes SizesOfGather(const PrepareContext& c) {
  const Shape &params = c.input_shape(0), &indices = c.input_shape(1);
  int64_t axis = 0, batch_dims = 0;
  if (c.num_inputs() > 2) {
    axis = IntegersOf(*c.input_value(2))[0];
    if (axis < 0) axis += params.rank();
    batch_dims = c.attr<int64_t>("batch_dims");
    if (batch_dims < 0) batch_dims += indices.rank();
  }
  GatherSizes sizes;
  for (int d = 0; d < params.rank(); ++d) {
    if (d >= batch_dims && d < axis) sizes.outer *= params.dim(d);
    if (d > axis) sizes.inner *= params.dim(d);
  }
  sizes.limit = params.dim(static_cast<int>(axis));
  for (int d = static_cast<int>(batch_dims); d < indices.rank(); ++d) {
    sizes.count *= indices.dim(d);
  }
  if (sizes.inner > 0) {
    sizes.rows = c.output_shape(0).num_elements() / sizes.inner;
  }
  return sizes;
}

absl::Status GatherIndexError(int64_t i, absl::string_view shown,
                              int64_t limit) {
  return absl::InvalidArgumentError(
      absl::StrCat("indices[", i, "]", shown, " is not in [0, ", limit, ")"));
}

SegmentSumSizes SizesOfSegmentSum(const PrepareContext& c) {
  const Shape &data = c.input_shape(0), &ids = c.input_shape(1);
  SegmentSumSizes sizes;
  sizes.segments = c.output_shape(0).dim(0);
  sizes.rows = ids.num_elements();
  for (int d = ids.rank(); d < data.rank(); ++d) sizes.inner *= data.dim(d);
  return sizes;
}

absl::Status SegmentIdError(int64_t i, absl::string_view shown,
                            int64_t segments) {
  return absl::InvalidArgumentError(
      absl::StrCat("segment_ids[", i, "]", shown, " is not below ", segments));
}

StitchSizes SizesOfStitch(const PrepareContext& c) {
  StitchSizes sizes;
  const int n = c.num_inputs() / 2;
  for (int i = 0; i < n; ++i) {
    sizes.counts.push_back(c.input_shape(i).num_elements());
  }
  const Shape &indices = c.input_shape(0), &data = c.input_shape(n);
  sizes.suffix.assign(data.dims().begin() + indices.rank(), data.dims().end());
  for (int64_t dim : sizes.suffix) sizes.inner *= dim;
  const Shape& y = c.output_shape(0);
  if (y.fully_defined()) sizes.length = y.dim(0);
  return sizes;
}

absl::StatusOr<int64_t> StitchedLength(const StitchSizes& sizes,
                                       RunContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(const int64_t bound, IndexBound(sizes, c));
  if (sizes.length == kUnknownDim) {
    std::vector<int64_t> dims = {bound};
    dims.insert(dims.end(), sizes.suffix.begin(), sizes.suffix.end());
    TRELLIS_ASSIGN_OR_RETURN(const Shape shape, Shape::Make(dims));
    TRELLIS_RETURN_IF_ERROR(c.AllocateOutput(0, shape));
    return bound;
  }
  if (bound > sizes.length) {
    return absl::InvalidArgumentError(absl::StrCat(
        "index ", bound - 1, " is not in [0, ", sizes.length, ")"));
  }
  return sizes.length;
}

}  // namespace trellis
