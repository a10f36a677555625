// Gradients with few non-zero rows, and what a gradient can be.
#ifndef TRELLIS_GRAPH_INDEXED_SLICES_H_
#define TRELLIS_GRAPH_INDEXED_SLICES_H_

#include <optional>
#include <source_location>

#include "absl/strings/string_view.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/source_location.h"

namespace trellis {

// values[i] belongs to row indices[i] of a tensor of shape dense_shape, whose
// other rows are zero; rows that occur several times add up (TensorFlow's
// IndexedSlices).
struct IndexedSlices {
  Output values;       // [n, ...]
  Output indices;      // [n], int32 or int64
  Output dense_shape;  // a vector; may be none

  bool operator==(const IndexedSlices&) const = default;
};

// The gradient of one tensor: none, a tensor, or slices.
class Gradient {
 public:
  Gradient() = default;
  Gradient(Output dense) : output_(dense) {}
  Gradient(IndexedSlices slices) : output_(slices.values), slices_(slices) {}

  explicit operator bool() const { return static_cast<bool>(output_); }
  // The tensor, or the values of slices.
  Output output() const { return output_; }
  // nullptr unless it is slices.
  const IndexedSlices* slices() const {
    return slices_.has_value() ? &*slices_ : nullptr;
  }

  bool operator==(const Gradient&) const = default;

 private:
  Output output_;
  std::optional<IndexedSlices> slices_;
};

// The slices as one dense tensor: an UnsortedSegmentSum called `name`, after
// the nodes "strided_slice..." that find the number of rows (R6.16). Its
// InvalidArgument, in the graph's status: the dense shape is none.
Output Densify(const Scope& scope, const IndexedSlices& slices,
               absl::string_view name,
               SourceLocation location = std::source_location::current());

}  // namespace trellis

#endif  // TRELLIS_GRAPH_INDEXED_SLICES_H_
