#include "trellis/graph/broadcast.h"

#include <optional>
#include <vector>

#include "trellis/base/status_macros.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"

namespace trellis {
namespace {

// Input i as the dimensions of a shape, if they are known.
std::optional<std::vector<int64_t>> KnownDims(ShapeContext& c, int i) {
  const std::optional<PartialValue> value = c.partial_input(i);
  if (!value.has_value() || !value->fully_known()) return std::nullopt;
  std::vector<int64_t> dims;
  for (const auto& e : value->elements) {
    if (*e < 0) return std::nullopt;
    dims.push_back(*e);
  }
  return dims;
}

absl::Status BroadcastGradientArgsShape(ShapeContext& c) {
  TRELLIS_RETURN_IF_ERROR(c.ExpectRank(0, 1).status());
  TRELLIS_RETURN_IF_ERROR(c.ExpectRank(1, 1).status());
  const auto x = KnownDims(c, 0), y = KnownDims(c, 1);
  if (!x.has_value() || !y.has_value()) {
    TRELLIS_RETURN_IF_ERROR(c.SetOutput(0, Shape::OfRank(1)));
    return c.SetOutput(1, Shape::OfRank(1));
  }
  TRELLIS_ASSIGN_OR_RETURN(const BroadcastAxes axes, AxesOfBroadcast(*x, *y));
  TRELLIS_RETURN_IF_ERROR(
      c.SetOutput(0, Shape{static_cast<int64_t>(axes.x.size())}));
  return c.SetOutput(1, Shape{static_cast<int64_t>(axes.y.size())});
}

std::optional<PartialValue> BroadcastGradientArgsValue(ShapeContext& c) {
  const auto x = KnownDims(c, 0), y = KnownDims(c, 1);
  if (!x.has_value() || !y.has_value()) return std::nullopt;
  const absl::StatusOr<BroadcastAxes> axes = AxesOfBroadcast(*x, *y);
  if (!axes.ok()) return std::nullopt;
  return PartialValue{
      .shape = Shape{static_cast<int64_t>(axes->x.size())},
      .elements = {axes->x.begin(), axes->x.end()},
  };
}

OpSchema BroadcastGradientArgs() {
  return {
      .name = "BroadcastGradientArgs",
      .doc =
          "The axes over which the gradient of an element-wise operation on "
          "shapes s0 and s1 is summed to get those of its operands.",
      .inputs = {{"s0", "T"}, {"s1", "T"}},
      .outputs = {{"r0", "T"}, {"r1", "T"}},
      .attrs = {TypeAttr("T", kIndexTypes, kInt32)},
      .shape = BroadcastGradientArgsShape,
      .value = BroadcastGradientArgsValue,
      .not_differentiable = "computes axes from shapes",
  };
}

}  // namespace

void RegisterBroadcastOps(OpRegistry& registry) {
  registry.Add(BroadcastGradientArgs());
}

}  // namespace trellis
