// Truth values of two tensors, element by element, under broadcasting.
#include <string>
#include <utility>

#include "trellis/base/status_macros.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"

namespace trellis {
namespace {

OpSchema Comparison(std::string name, std::string doc) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .inputs = {{"x", "T"}, {"y", "T"}},
          .outputs = {{"z", "bool"}},
          .attrs = {TypeAttr("T", kRealNumberTypes)},
          .shape = BroadcastShape,
          .not_differentiable = "a truth value"};
}

// With incompatible_shape_error off, shapes that do not broadcast are no error:
// tensors of such shapes are unequal as a whole, so the result is one value.
absl::Status EqualityShape(ShapeContext& c) {
  if (c.attr<bool>("incompatible_shape_error")) return BroadcastShape(c);
  const absl::StatusOr<Shape> shape = c.Broadcast(c.input(0), c.input(1));
  if (!shape.ok()) return c.SetOutput(0, Shape::Scalar());
  // What is unknown may turn out not to broadcast.
  const bool known = c.input(0).fully_defined() && c.input(1).fully_defined();
  return c.SetOutput(0, known ? *shape : Shape::Unknown());
}

OpSchema Equality(std::string name, std::string doc) {
  return {
      .name = std::move(name),
      .doc = std::move(doc),
      .inputs = {{"x", "T"}, {"y", "T"}},
      .outputs = {{"z", "bool"}},
      .attrs = {TypeAttr("T", kFloatTypes | kComplexTypes |
                                  DTypeSet{kUint8, kInt8, kInt16, kInt32,
                                           kInt64, kQuint8, kQint8, kQint32,
                                           kString, kBool}),
                BoolAttr("incompatible_shape_error", true)},
      .shape = EqualityShape,
      .not_differentiable = "a truth value",
      .commutative = true,
  };
}

OpSchema Logical(std::string name, std::string doc) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .inputs = {{"x", "bool"}, {"y", "bool"}},
          .outputs = {{"z", "bool"}},
          .shape = BroadcastShape,
          .not_differentiable = "a truth value",
          .commutative = true,
          .in_place = {0, 1}};
}

}  // namespace

void RegisterCompareOps(OpRegistry& registry) {
  registry.Add(Equality("Equal", "Whether x = y."));
  registry.Add(Comparison("Greater", "Whether x > y."));
  registry.Add(Comparison("GreaterEqual", "Whether x >= y."));
  registry.Add(Comparison("Less", "Whether x < y."));
  registry.Add(Comparison("LessEqual", "Whether x <= y."));
  registry.Add(Logical("LogicalAnd", "Whether both x and y."));
  registry.Add(Logical("LogicalOr", "Whether x or y or both."));
  registry.Add(Equality("NotEqual", "Whether x and y differ."));
}

}  // namespace trellis
