#include "trellis/ops/partial_values.h"

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"

namespace trellis {

bool HasIntegerType(const ShapeContext& c, int i) {
  const DType type = BaseType(c.input_dtype(i));
  return type == kInt32 || type == kInt64;
}

std::optional<PartialValue> KnownElements(ShapeContext& c, int i) {
  if (!HasIntegerType(c, i)) return std::nullopt;
  if (std::optional<PartialValue> value = c.partial_input(i)) return value;
  const Shape& shape = c.input(i);
  if (shape.rank() == 0) {
    return PartialValue{.shape = shape, .elements = {std::nullopt}};
  }
  if (shape.rank() != 1 || shape.dim(0) < 0 ||
      shape.dim(0) > kMaxKnownElements) {
    return std::nullopt;
  }
  PartialValue value{.shape = shape};
  value.elements.resize(shape.dim(0));
  return value;
}

absl::StatusOr<Shape> SizesInput(ShapeContext& c, int i) {
  TRELLIS_RETURN_IF_ERROR(c.ExpectRank(i, 1).status());
  if (const std::optional<PartialValue> value = c.partial_input(i)) {
    for (const std::optional<int64_t>& size : value->elements) {
      if (size.value_or(0) < 0) {
        return absl::InvalidArgumentError(
            absl::StrCat("input ", i, " has the negative size ", *size));
      }
    }
  }
  return c.input_as_shape(i);
}

absl::StatusOr<std::optional<int64_t>> SingleInteger(ShapeContext& c, int i) {
  const int64_t elements = c.input(i).num_elements();
  if (elements >= 0 && elements != 1) {
    return absl::InvalidArgumentError(absl::StrCat("input ", i, " has shape ",
                                                   c.input(i).ToString(),
                                                   ", must have one element"));
  }
  const std::optional<PartialValue> value = c.partial_input(i);
  if (!value.has_value()) return std::optional<int64_t>();
  return value->elements[0];
}

absl::StatusOr<std::optional<int>> AxisInput(ShapeContext& c, int i, int rank) {
  TRELLIS_ASSIGN_OR_RETURN(const std::optional<int64_t> axis,
                           SingleInteger(c, i));
  if (!axis.has_value() || rank < 0) return std::optional<int>();
  TRELLIS_ASSIGN_OR_RETURN(const int resolved, c.ResolveAxis(*axis, rank));
  return std::optional<int>(resolved);
}

}  // namespace trellis
