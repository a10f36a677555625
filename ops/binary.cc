// Arithmetic of two tensors, element by element, under broadcasting.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "trellis/base/checked_int.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"
#include "trellis/ops/partial_arithmetic.h"

namespace trellis {
namespace {

constexpr DTypeSet kFloatOrComplex = kFloatTypes | kComplexTypes;
constexpr DTypeSet kArithmeticTypes =
    kFloatOrComplex | DTypeSet{kInt8, kInt16, kInt32, kInt64, kUint8};

OpSchema Binary(std::string name, std::string doc, DTypeSet types) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .inputs = {{"x", "T"}, {"y", "T"}},
          .outputs = {{"z", "T"}},
          .attrs = {TypeAttr("T", types)},
          .shape = BroadcastShape,
          .in_place = {0, 1}};
}

std::optional<PartialValue> AddValue(ShapeContext& c) {
  return PartialBinary(c, CheckedAdd);
}

std::optional<PartialValue> SubValue(ShapeContext& c) {
  return PartialBinary(c, CheckedSub);
}

std::optional<PartialValue> MulValue(ShapeContext& c) {
  return PartialBinary(c, CheckedMul);
}

std::optional<PartialValue> MaximumValue(ShapeContext& c) {
  return PartialBinary(
      c, [](int64_t x, int64_t y) { return std::optional(std::max(x, y)); });
}

std::optional<PartialValue> MinimumValue(ShapeContext& c) {
  return PartialBinary(
      c, [](int64_t x, int64_t y) { return std::optional(std::min(x, y)); });
}

// The quotient towards zero; nothing of a division by zero, nor of the one that
// overflows.
std::optional<int64_t> CheckedDiv(int64_t x, int64_t y) {
  if (y == 0 || (y == -1 && x == INT64_MIN)) return std::nullopt;
  return x / y;
}

std::optional<int64_t> CheckedFloorDiv(int64_t x, int64_t y) {
  const std::optional<int64_t> quotient = CheckedDiv(x, y);
  if (!quotient.has_value()) return std::nullopt;
  return x % y != 0 && (x < 0) != (y < 0) ? *quotient - 1 : *quotient;
}

std::optional<int64_t> CheckedFloorMod(int64_t x, int64_t y) {
  const std::optional<int64_t> quotient = CheckedFloorDiv(x, y);
  if (!quotient.has_value()) return std::nullopt;
  return x - *quotient * y;
}

std::optional<PartialValue> DivValue(ShapeContext& c) {
  return PartialBinary(c, CheckedDiv);
}

std::optional<PartialValue> FloorDivValue(ShapeContext& c) {
  return PartialBinary(c, CheckedFloorDiv);
}

std::optional<PartialValue> FloorModValue(ShapeContext& c) {
  return PartialBinary(c, CheckedFloorMod);
}

OpSchema Add() {
  OpSchema s = Binary("Add", "x + y. Of strings, x followed by y.",
                      kArithmeticTypes | DTypeSet{kString});
  s.value = AddValue;
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema AddV2() {
  OpSchema s = Binary("AddV2", "x + y.", kArithmeticTypes);
  s.value = AddValue;
  s.not_differentiable = "gradient to come";
  s.commutative = true;
  return s;
}

OpSchema Div() {
  OpSchema s = Binary("Div",
                      "x / y. Of integers the quotient rounded towards zero, "
                      "and an error where y is 0.",
                      kArithmeticTypes | DTypeSet{kUint16});
  s.value = DivValue;
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema FloorDiv() {
  OpSchema s = Binary("FloorDiv",
                      "The largest integer that is not above x / y. Of "
                      "integers an error where y is 0.",
                      kArithmeticTypes | DTypeSet{kUint16});
  s.value = FloorDivValue;
  s.not_differentiable = "piecewise constant";
  return s;
}

OpSchema FloorMod() {
  OpSchema s = Binary("FloorMod",
                      "x - y * FloorDiv(x, y): what remains, with the sign of "
                      "y. Of integers an error where y is 0.",
                      kFloatTypes | kIndexTypes);
  s.value = FloorModValue;
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema Maximum() {
  OpSchema s = Binary("Maximum",
                      "The larger of x and y. x where either is a NaN or where "
                      "they are equal.",
                      kFloatTypes | kIndexTypes);
  s.value = MaximumValue;
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema Minimum() {
  OpSchema s = Binary("Minimum",
                      "The smaller of x and y. x where either is a NaN or "
                      "where they are equal.",
                      kFloatTypes | kIndexTypes);
  s.value = MinimumValue;
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema Mul() {
  OpSchema s = Binary("Mul", "x * y.", kArithmeticTypes | DTypeSet{kUint16});
  s.value = MulValue;
  s.not_differentiable = "gradient to come";
  s.commutative = true;
  return s;
}

OpSchema Pow() {
  OpSchema s = Binary("Pow",
                      "x to the power of y. Of integers an error where y is "
                      "negative.",
                      kFloatOrComplex | kIndexTypes);
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema RealDiv() {
  OpSchema s = Binary("RealDiv", "x / y, of floating-point numbers.",
                      kArithmeticTypes | DTypeSet{kUint16});
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema SquaredDifference() {
  OpSchema s =
      Binary("SquaredDifference", "(x - y)^2.", kFloatOrComplex | kIndexTypes);
  s.not_differentiable = "gradient to come";
  s.commutative = true;
  return s;
}

OpSchema Sub() {
  OpSchema s = Binary("Sub", "x - y.", kArithmeticTypes | DTypeSet{kUint16});
  s.value = SubValue;
  s.not_differentiable = "gradient to come";
  return s;
}

}  // namespace

void RegisterBinaryOps(OpRegistry& registry) {
  registry.Add(Add());
  registry.Add(AddV2());
  registry.Add(Div());
  registry.Add(FloorDiv());
  registry.Add(FloorMod());
  registry.Add(Maximum());
  registry.Add(Minimum());
  registry.Add(Mul());
  registry.Add(Pow());
  registry.Add(RealDiv());
  registry.Add(SquaredDifference());
  registry.Add(Sub());
}

}  // namespace trellis
