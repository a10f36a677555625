#include <optional>

#include "trellis/graph/gradient_context.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"
#include "trellis/ops/partial_arithmetic.h"

namespace trellis {
namespace {

std::optional<PartialValue> CastValue(ShapeContext& c) {
  const DType type = c.attr<DType>("DstT");
  if (type != kInt32 && type != kInt64) return std::nullopt;
  std::optional<PartialValue> value = c.partial_input(0);
  if (!value.has_value()) return std::nullopt;
  for (std::optional<int64_t>& e : value->elements) e = KnownAs(type, e);
  return value;
}

// Between numbers that are no integers; else none.
absl::Status CastGradient(GradientContext& g) {
  constexpr DTypeSet kContinuous = kFloatTypes | kComplexTypes;
  const DType from = g.attr<DType>("SrcT"), to = g.attr<DType>("DstT");
  if (kContinuous.contains(from) && kContinuous.contains(to)) {
    g.set_input_grad(0, g.Emit("Cast", {g.output_grad(0)}, {{"DstT", from}}));
  }
  return g.status();
}

OpSchema Cast() {
  return {
      .name = "Cast",
      .doc =
          "x as elements of type DstT. Numbers are converted as C++ does; a "
          "number is true if it is not 0.",
      .inputs = {{"x", "SrcT"}},
      .outputs = {{"y", "DstT"}},
      .attrs = {TypeAttr("SrcT"), TypeAttr("DstT"),
                BoolAttr("Truncate", false)},
      .shape = UnchangedShape,
      .value = CastValue,
      .gradient = CastGradient,
  };
}

}  // namespace

void RegisterCastOps(OpRegistry& registry) { registry.Add(Cast()); }

}  // namespace trellis
