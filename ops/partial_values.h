// What shape and value functions share when they look at input values.
#ifndef TRELLIS_OPS_PARTIAL_VALUES_H_
#define TRELLIS_OPS_PARTIAL_VALUES_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/shape_context.h"

namespace trellis {

// Longer vectors are no shapes: value functions do not spell them out.
inline constexpr int64_t kMaxKnownElements = 1024;

// Is input i of a type whose values are followed: int32 or int64?
bool HasIntegerType(const ShapeContext& c, int i);

// What is known of integer scalar or vector input i; a short vector of which
// only the length is known has unknown elements. nullopt for anything else.
std::optional<PartialValue> KnownElements(ShapeContext& c, int i);

// The shape that integer vector input i spells, for ops that take sizes as they
// are: there -1 is no wildcard. InvalidArgument for negative elements.
absl::StatusOr<Shape> SizesInput(ShapeContext& c, int i);

// The integer in input i, a scalar or a tensor of one element; nullopt if it is
// not known. InvalidArgument for several elements.
absl::StatusOr<std::optional<int64_t>> SingleInteger(ShapeContext& c, int i);

// The axis in input i, made non-negative for tensors of `rank` dimensions;
// nullopt if the axis or the rank (-1) is not known.
absl::StatusOr<std::optional<int>> AxisInput(ShapeContext& c, int i, int rank);

}  // namespace trellis

#endif  // TRELLIS_OPS_PARTIAL_VALUES_H_
