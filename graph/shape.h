// The shape of a tensor, wholly, partly or not at all known.
//
//   Shape()           unknown rank          prints as "?"
//   Shape::Scalar()   rank 0                prints as "[]"
//   Shape{2, -1}      two rows, any columns prints as "[2,?]"
//
// A dimension is >= 0, or kUnknownDim. The product of the known dimensions of a
// shape made by Make fits into int64_t; shapes of untrusted origin are made
// there and nowhere else.
#ifndef TRELLIS_GRAPH_SHAPE_H_
#define TRELLIS_GRAPH_SHAPE_H_

#include <cstdint>
#include <initializer_list>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace trellis {

inline constexpr int64_t kUnknownDim = -1;
// TensorFlow's limit.
inline constexpr int kMaxRank = 254;
// No address space holds a tensor with more, so the bytes of several tensors
// together still fit into int64_t.
inline constexpr int64_t kMaxTensorElements = int64_t{1} << 47;

class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int64_t> dims) : known_rank_(true), dims_(dims) {}
  explicit Shape(absl::Span<const int64_t> dims)
      : known_rank_(true), dims_(dims.begin(), dims.end()) {}

  static Shape Unknown() { return Shape(); }
  static Shape Scalar() { return Shape(absl::Span<const int64_t>()); }
  // `rank` unknown dimensions.
  static Shape OfRank(int rank);
  // Checked: InvalidArgument for a dimension below -1, a rank above kMaxRank,
  // or more elements than kMaxTensorElements, where zeros and unknown
  // dimensions count as ones: what is computed from them later may be neither.
  static absl::StatusOr<Shape> Make(absl::Span<const int64_t> dims);
  // OK if Make would make this shape.
  absl::Status Validate() const;

  bool known_rank() const { return known_rank_; }
  // -1 if unknown.
  int rank() const { return known_rank_ ? static_cast<int>(dims_.size()) : -1; }
  bool fully_defined() const;

  // REQUIRES: known rank, 0 <= i < rank().
  int64_t dim(int i) const { return dims_[i]; }
  void set_dim(int i, int64_t value) { dims_[i] = value; }
  int64_t& back() { return dims_.back(); }
  void push_back(int64_t value) { dims_.push_back(value); }
  // Empty if the rank is unknown.
  absl::Span<const int64_t> dims() const { return dims_; }

  // 1 for scalars. -1 if a dimension or the rank is unknown.
  int64_t num_elements() const;

  // Could one tensor have both shapes?
  bool CompatibleWith(const Shape& other) const;
  // Identical knowledge: "?" equals "?", "[?]" equals "[?]".
  bool operator==(const Shape& other) const {
    return known_rank_ == other.known_rank_ && dims_ == other.dims_;
  }

  std::string ToString() const;
  // The inverse of ToString: "?", "[]", "[2,?]". InvalidArgument for other
  // text.
  static absl::StatusOr<Shape> Parse(absl::string_view text);

  template <typename H>
  friend H AbslHashValue(H h, const Shape& s) {
    return H::combine(std::move(h), s.known_rank_, s.dims_);
  }

 private:
  bool known_rank_ = false;
  absl::InlinedVector<int64_t, 4> dims_;
};

// What is known of both. InvalidArgument if they contradict each other.
absl::StatusOr<Shape> MergeShapes(const Shape& a, const Shape& b);

// The shape of an element-wise result under TensorFlow's (NumPy's)
// broadcasting. InvalidArgument if the shapes do not broadcast.
absl::StatusOr<Shape> BroadcastShapes(const Shape& a, const Shape& b);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_SHAPE_H_
