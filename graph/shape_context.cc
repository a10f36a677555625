#include "trellis/graph/shape_context.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"

namespace trellis {

using absl::InvalidArgumentError;
using absl::StrCat;

bool PartialValue::fully_known() const {
  return std::all_of(elements.begin(), elements.end(),
                     [](const auto& e) { return e.has_value(); });
}

ShapeContext::ShapeContext(const Node& node, absl::Span<const Shape> inputs,
                           Values& values)
    : node_(node),
      inputs_(inputs),
      values_(values),
      outputs_(node.num_outputs()),
      handles_(node.num_outputs()) {}

std::optional<PartialValue> ShapeContext::partial_input(int i) {
  return values_.Partial(i);
}

absl::StatusOr<Shape> ShapeContext::input_as_shape(int i) {
  if (inputs_[i].rank() > 1) {
    return InvalidArgumentError(StrCat("input ", i,
                                       " spells a shape and must "
                                       "be a vector, its shape is ",
                                       inputs_[i].ToString()));
  }
  const std::optional<PartialValue> value = partial_input(i);
  if (!value.has_value()) {
    if (inputs_[i].rank() != 1 || inputs_[i].dim(0) < 0 ||
        inputs_[i].dim(0) > kMaxRank) {
      return Shape::Unknown();
    }
    return Shape::OfRank(static_cast<int>(inputs_[i].dim(0)));
  }
  if (value->shape.rank() == 0) {
    if (!value->elements[0].has_value() || *value->elements[0] == -1) {
      return Shape::Unknown();
    }
    return InvalidArgumentError(StrCat("input ", i,
                                       " spells a shape and must "
                                       "be a vector, is the scalar ",
                                       *value->elements[0]));
  }
  std::vector<int64_t> dims;
  for (const std::optional<int64_t>& e : value->elements) {
    dims.push_back(e.value_or(kUnknownDim));
  }
  return Shape::Make(dims);
}

absl::StatusOr<std::optional<int64_t>> ShapeContext::integer_input(int i) {
  TRELLIS_RETURN_IF_ERROR(ExpectRank(i, 0).status());
  const std::optional<PartialValue> value = partial_input(i);
  if (!value.has_value()) return std::optional<int64_t>();
  return value->elements[0];
}

absl::StatusOr<Shape> ShapeContext::ExpectRank(int input, int rank) {
  const Shape& shape = inputs_[input];
  if (!shape.known_rank()) return Shape::OfRank(rank);
  if (shape.rank() != rank) {
    return InvalidArgumentError(StrCat("input ", input, " has shape ",
                                       shape.ToString(), ", must have rank ",
                                       rank));
  }
  return shape;
}

absl::Status ShapeContext::ExpectRankAtLeast(const Shape& shape, int rank) {
  if (shape.known_rank() && shape.rank() < rank) {
    return InvalidArgumentError(StrCat("shape ", shape.ToString(),
                                       " must have rank ", rank, " or more"));
  }
  return absl::OkStatus();
}

absl::Status ShapeContext::ExpectRankAtMost(const Shape& shape, int rank) {
  if (shape.rank() > rank) {
    return InvalidArgumentError(StrCat("shape ", shape.ToString(),
                                       " must have rank ", rank, " or less"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Shape> ShapeContext::Merge(const Shape& a, const Shape& b) {
  return MergeShapes(a, b);
}

absl::StatusOr<Shape> ShapeContext::Broadcast(const Shape& a, const Shape& b) {
  return BroadcastShapes(a, b);
}

absl::StatusOr<int64_t> ShapeContext::Expect(absl::string_view what,
                                             int64_t found, int64_t wanted) {
  if (found == kUnknownDim) return wanted;
  if (wanted != kUnknownDim && found != wanted) {
    return InvalidArgumentError(
        StrCat(what, " is ", found, ", must be ", wanted));
  }
  return found;
}

absl::StatusOr<int> ShapeContext::ResolveAxis(int64_t axis, int rank) {
  if (axis < -rank || axis >= rank) {
    return InvalidArgumentError(
        StrCat("axis ", axis, " is not in [", -rank, ", ", rank, ")"));
  }
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

absl::Status ShapeContext::SetOutput(int i, Shape shape) {
  TRELLIS_RETURN_IF_ERROR(shape.Validate());
  outputs_[i] = std::move(shape);
  return absl::OkStatus();
}

absl::Status ShapeContext::SetOutputHandle(int i, HandleInfo handle) {
  TRELLIS_RETURN_IF_ERROR(handle.shape.Validate());
  handles_[i] = std::move(handle);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> AddDims(int64_t a, int64_t b) {
  if (a < 0 || b < 0) return kUnknownDim;
  int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) {
    return InvalidArgumentError(
        StrCat("dimension ", a, " + ", b, " does not fit into 64 bits"));
  }
  return sum;
}

absl::StatusOr<int64_t> SubtractDims(int64_t a, int64_t b) {
  if (a < 0 || b < 0) return kUnknownDim;
  if (a < b) {
    return InvalidArgumentError(
        StrCat("dimension ", a, " - ", b, " is negative"));
  }
  return a - b;
}

absl::StatusOr<int64_t> MultiplyDims(int64_t a, int64_t b) {
  if (a == 0 || b == 0) return 0;
  if (a < 0 || b < 0) return kUnknownDim;
  int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) {
    return InvalidArgumentError(
        StrCat("dimension ", a, " * ", b, " does not fit into 64 bits"));
  }
  return product;
}

absl::Status UnchangedShape(ShapeContext& c) {
  return c.SetOutput(0, c.input(0));
}

absl::Status BroadcastShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(Shape shape, c.Broadcast(c.input(0), c.input(1)));
  return c.SetOutput(0, std::move(shape));
}

absl::Status ScalarShape(ShapeContext& c) {
  for (int i = 0; i < c.num_outputs(); ++i) {
    TRELLIS_RETURN_IF_ERROR(c.SetOutput(i, Shape::Scalar()));
  }
  return absl::OkStatus();
}

absl::Status UnknownShape(ShapeContext& c) { return absl::OkStatus(); }

absl::Status NoOutputs(ShapeContext& c) { return absl::OkStatus(); }

}  // namespace trellis
