#include "trellis/graph/strided_slice.h"

#include <algorithm>
#include <bit>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"

namespace trellis {
namespace {

using Element = std::optional<int64_t>;

// More elements than a mask has bits cannot be masked, and no tensor has so
// many dimensions. 2^62 - 1 is the longest mask of ones that can be computed
// so.
constexpr size_t kMaxElements = 62;

bool Bit(int64_t mask, size_t i) { return (mask >> i & 1) != 0; }

// The positions of one dimension that begin:end:stride names. `begin` and `end`
// are empty where a mask says so.
struct Bounds {
  bool from_first = false, to_last = false;
  Element begin, end, stride;
};

// `position`, counted from the end if negative, moved into [low, high].
int64_t Clamp(int64_t position, int64_t dim, int64_t low, int64_t high) {
  return std::clamp(position < 0 ? position + dim : position, low, high);
}

StridedSlice::Range ResolveRange(const Bounds& b, int64_t dim) {
  StridedSlice::Range range;
  if (!b.stride.has_value()) return range;
  range.stride = *b.stride;
  if ((!b.from_first && !b.begin.has_value()) ||
      (!b.to_last && !b.end.has_value())) {
    return range;
  }
  if (dim == kUnknownDim) {
    // Positions of one sign name a distance that holds in long dimensions only,
    // so nothing is known.
    return range;
  }
  const bool forward = range.stride > 0;
  const int64_t low = forward ? 0 : -1, high = forward ? dim : dim - 1;
  range.begin =
      b.from_first ? (forward ? 0 : dim - 1) : Clamp(*b.begin, dim, low, high);
  const int64_t end =
      b.to_last ? (forward ? dim : -1) : Clamp(*b.end, dim, low, high);
  const int64_t distance = end - range.begin;
  range.size =
      (distance == 0 || (distance < 0) == forward)
          ? 0
          : distance / range.stride + (distance % range.stride != 0 ? 1 : 0);
  return range;
}

absl::StatusOr<StridedSlice::Range> ResolveIndex(const Element& begin,
                                                 const Element& stride,
                                                 int64_t dim, int axis) {
  if (stride.has_value() && *stride < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("stride ", *stride, " of the single index of dimension ",
                     axis, " must be positive"));
  }
  StridedSlice::Range range{.stride = 1, .size = 1};
  if (!begin.has_value() || dim == kUnknownDim) return range;
  if (*begin < -dim || *begin >= dim) {
    return absl::InvalidArgumentError(
        absl::StrCat("index ", *begin, " of dimension ", axis, " is not in [",
                     -dim, ", ", dim, ")"));
  }
  range.begin = *begin < 0 ? *begin + dim : *begin;
  return range;
}

}  // namespace

absl::StatusOr<StridedSlice> ResolveStridedSlice(
    const Shape& input, absl::Span<const Element> begin,
    absl::Span<const Element> end, absl::Span<const Element> strides,
    const StridedSliceMasks& masks) {
  const size_t n = begin.size();
  if (n > kMaxElements) {
    return absl::InvalidArgumentError(
        absl::StrCat("a slice of ", n, " dimensions is too long"));
  }
  const int64_t given = (int64_t{1} << n) - 1;
  const int64_t ellipsis = masks.ellipsis & given;
  if (std::popcount(static_cast<uint64_t>(ellipsis)) > 1) {
    return absl::InvalidArgumentError("a slice has two ellipses");
  }
  // Dimensions of the input that elements name one by one: an ellipsis stands
  // for the others, and new axes name none.
  const int named =
      static_cast<int>(n - std::popcount(static_cast<uint64_t>(
                               (masks.new_axis & given) | ellipsis)));
  if (named > input.rank()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "slices ", named, " dimensions of shape ", input.ToString()));
  }
  StridedSlice slice{.shape = Shape::Scalar()};
  const auto take_whole = [&](int count) {
    for (int i = 0; i < count; ++i) {
      const int64_t dim = input.dim(static_cast<int>(slice.ranges.size()));
      slice.ranges.push_back({.begin = 0, .stride = 1, .size = dim});
      slice.shape.push_back(dim);
    }
  };
  for (size_t i = 0; i < n; ++i) {
    if (Bit(ellipsis, i)) {
      take_whole(input.rank() - named);
      continue;
    }
    if (Bit(masks.new_axis, i)) {
      slice.shape.push_back(1);
      continue;
    }
    const int axis = static_cast<int>(slice.ranges.size());
    if (strides[i].has_value() && *strides[i] == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("stride of dimension ", axis, " is 0"));
    }
    if (Bit(masks.shrink_axis, i)) {
      TRELLIS_ASSIGN_OR_RETURN(
          StridedSlice::Range range,
          ResolveIndex(begin[i], strides[i], input.dim(axis), axis));
      slice.ranges.push_back(range);
      continue;
    }
    slice.ranges.push_back(ResolveRange({.from_first = Bit(masks.begin, i),
                                         .to_last = Bit(masks.end, i),
                                         .begin = begin[i],
                                         .end = end[i],
                                         .stride = strides[i]},
                                        input.dim(axis)));
    slice.shape.push_back(slice.ranges.back().size);
  }
  take_whole(input.rank() - static_cast<int>(slice.ranges.size()));
  return slice;
}

}  // namespace trellis
