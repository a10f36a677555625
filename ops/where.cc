// From masks to positions, and from positions to masks.
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"

namespace trellis {
namespace {

absl::Status WhereShape(ShapeContext& c) {
  const Shape& x = c.input(0);
  TRELLIS_RETURN_IF_ERROR(c.ExpectRankAtLeast(x, 1));
  return c.SetOutput(
      0, Shape{kUnknownDim, x.known_rank() ? x.rank() : kUnknownDim});
}

OpSchema Where() {
  return {
      .name = "Where",
      .doc =
          "The positions of the elements that are not 0 (are true), one per "
          "row, in row-major order.\n\n"
          "How many there are is known only when the op has run.",
      .inputs = {{"input", "T"}},
      .outputs = {{"index", "int64"}},
      .attrs = {TypeAttr("T", kNumberTypes | DTypeSet{kBool}, kBool)},
      .shape = WhereShape,
      .not_differentiable = "positions do not change with values",
  };
}

absl::Status OneHotShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(const std::optional<int64_t> depth,
                           c.integer_input(1));
  TRELLIS_RETURN_IF_ERROR(c.ExpectRank(2, 0).status());
  TRELLIS_RETURN_IF_ERROR(c.ExpectRank(3, 0).status());
  if (depth.value_or(0) < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("depth is ", *depth, ", must not be negative"));
  }
  const Shape& indices = c.input(0);
  if (!indices.known_rank()) return c.SetOutput(0, Shape::Unknown());
  // -1 is the only negative axis that TensorFlow takes.
  const int64_t attr = c.attr<int64_t>("axis");
  if (attr < -1 || attr > indices.rank()) {
    return absl::InvalidArgumentError(
        absl::StrCat("axis ", attr, " is not in [-1, ", indices.rank(), "]"));
  }
  const int64_t axis = attr < 0 ? indices.rank() : attr;
  std::vector<int64_t> dims(indices.dims().begin(), indices.dims().end());
  dims.insert(dims.begin() + axis, depth.value_or(kUnknownDim));
  TRELLIS_ASSIGN_OR_RETURN(Shape y, Shape::Make(dims));
  return c.SetOutput(0, std::move(y));
}

OpSchema OneHot() {
  return {
      .name = "OneHot",
      .doc =
          "on_value at the position that each index names along a new axis "
          "of size depth, off_value elsewhere.\n\n"
          "An index outside of [0, depth) names no position.",
      .inputs = {{"indices", "TI"},
                 {"depth", "int32"},
                 {"on_value", "T"},
                 {"off_value", "T"}},
      .outputs = {{"output", "T"}},
      .attrs = {IntAttr("axis", -1), TypeAttr("T"),
                TypeAttr("TI", {kUint8, kInt32, kInt64}, kInt64)},
      .shape = OneHotShape,
      .not_differentiable = "no gradient is defined (TensorFlow)",
  };
}

}  // namespace

void RegisterWhereOps(OpRegistry& registry) {
  registry.Add(Where());
  registry.Add(OneHot());
}

}  // namespace trellis
