// A rectangular part of a tensor: how checkpoints hold partitioned variables.
//
// Text form, one item per dimension joined by ':', "-" for the whole
// dimension: "0,100:-" is the first 100 rows. A *shape and slice*, as SaveV2
// and RestoreV2 take it, is the full shape and then the slice:
// "200 3 0,100:-".
#ifndef TRELLIS_IO_TENSOR_SLICE_H_
#define TRELLIS_IO_TENSOR_SLICE_H_

#include <cstdint>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "trellis/graph/shape.h"

namespace trellis {

struct TensorSlice {
  // Stands for the whole dimension; start is then 0. It is not the same as a
  // length that happens to be the dimension's: files tell the two apart.
  static constexpr int64_t kWhole = -1;

  struct Extent {
    int64_t start = 0;
    int64_t length = kWhole;
    bool operator==(const Extent&) const = default;
  };

  absl::InlinedVector<Extent, 4> extents;  // one per dimension

  static TensorSlice Whole(int rank);
  // "0,2:-"; InvalidArgument unless 0 <= start, 0 < length, start + length
  // fits.
  static absl::StatusOr<TensorSlice> Parse(absl::string_view text);
  std::string ToString() const;

  int rank() const { return static_cast<int>(extents.size()); }
  bool operator==(const TensorSlice&) const = default;
};

// A slice with the lengths of whole dimensions filled in from the shape of the
// tensor it is of: element [start[i], start[i] + shape.dim(i)) of dimension i.
struct TensorRegion {
  absl::InlinedVector<int64_t, 4> start;
  Shape shape;

  bool operator==(const TensorRegion&) const = default;
  bool Covers(const Shape& full_shape) const { return shape == full_shape; }
};

// InvalidArgument if the ranks differ or the slice reaches outside of `shape`.
// REQUIRES: `shape` is fully defined.
absl::StatusOr<TensorRegion> RegionOf(const TensorSlice& slice,
                                      const Shape& shape);

// What two regions of one tensor share; false, with `common` unspecified, if
// that is no element.
bool Intersect(const TensorRegion& a, const TensorRegion& b,
               TensorRegion* common);

// InvalidArgument, naming two of them, if any two regions of one tensor share
// an element. Quick where they are split along the first dimension, n^2/2
// comparisons at worst.
absl::Status CheckDisjoint(absl::Span<const TensorRegion> regions);

// The same for one more region and others that are known to be disjoint.
absl::Status CheckDisjointFrom(const TensorRegion& region,
                               absl::Span<const TensorRegion> others);

struct ShapeAndSlice {
  Shape full_shape;
  TensorSlice slice;
  TensorRegion region;
};

// InvalidArgument, quoting the text, for anything but a full shape and a slice
// of it.
absl::StatusOr<ShapeAndSlice> ParseShapeAndSlice(absl::string_view text);

// The key under which a slice of tensor `name` is stored in an index. Sorted
// as bytes, such keys are ordered by name, then by extents.
std::string SliceKey(absl::string_view name, const TensorSlice& slice);

// Whether `key` is a SliceKey: those begin with a zero byte, names do not.
inline bool IsSliceKey(absl::string_view key) {
  return !key.empty() && key.front() == '\0';
}

}  // namespace trellis

#endif  // TRELLIS_IO_TENSOR_SLICE_H_
