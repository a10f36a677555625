// Arithmetic of two tensors, element by element, under broadcasting.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "trellis/base/checked_int.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/gradient_context.h"
#include "trellis/graph/shape_context.h"
#include "trellis/graph/zeros.h"
#include "trellis/ops/families.h"
#include "trellis/ops/gradient_nodes.h"
#include "trellis/ops/partial_arithmetic.h"
#include "trellis/ops/unbroadcast.h"

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

// ---- gradients

absl::Status AddGradient(GradientContext& g) {
  const Output dz = g.output_grad(0);
  const Unbroadcast parts =
      ShapesAreEqual(g) ? Unbroadcast() : Unbroadcast::Folded(g);
  g.set_input_grad(0, parts.Reduce(g, 0, dz));
  g.set_input_grad(1, parts.Reduce(g, 1, dz));
  return g.status();
}

absl::Status SubGradient(GradientContext& g) {
  const Output dz = g.output_grad(0);
  const Unbroadcast parts =
      ShapesAreEqual(g) ? Unbroadcast() : Unbroadcast::Folded(g);
  g.set_input_grad(0, parts.Reduce(g, 0, dz));
  g.set_input_grad(1, parts.Reduce(g, 1, g.Emit("Neg", {dz})));
  return g.status();
}

absl::Status MulGradient(GradientContext& g) {
  TRELLIS_RETURN_IF_ERROR(ExpectReal(g));
  const Output x = g.input(0), y = g.input(1), dz = g.output_grad(0);
  if (ShapesAreEqual(g) && (x.dtype() == kFloat32 || x.dtype() == kInt32)) {
    g.set_input_grad(0, g.Emit("Mul", {dz, y}));
    g.set_input_grad(1, g.Emit("Mul", {dz, x}));
    return g.status();
  }
  const Unbroadcast parts = Unbroadcast::Folded(g);
  g.set_input_grad(0, parts.Reduce(g, 0, g.Emit("Mul", {dz, y})));
  g.set_input_grad(1, parts.Reduce(g, 1, g.Emit("Mul", {x, dz})));
  return g.status();
}

absl::Status SquaredDifferenceGradient(GradientContext& g) {
  TRELLIS_RETURN_IF_ERROR(ExpectReal(g));
  const Output x = g.input(0), y = g.input(1), dz = g.output_grad(0);
  TRELLIS_ASSIGN_OR_RETURN(Tensor two, Input(2).ToTensor(x.dtype()));
  Output slope;
  {
    const auto waiting = g.WaitFor(dz);
    const Output twice =
        g.Emit("Mul", {g.Constant(std::move(two), "scalar"), dz});
    const Output difference = g.Emit("Sub", {x, y}, {}, "sub");
    slope = g.Emit("Mul", {twice, difference}, {}, "mul");
  }
  const Unbroadcast parts =
      ShapesAreEqual(g) ? Unbroadcast() : Unbroadcast::Folded(g);
  g.set_input_grad(0, parts.Reduce(g, 0, slope));
  g.set_input_grad(1, g.Emit("Neg", {parts.Reduce(g, 1, slope)}));
  return g.status();
}

// Of x / y, by divisions named `name`.
absl::Status QuotientGradient(GradientContext& g, absl::string_view name) {
  TRELLIS_RETURN_IF_ERROR(ExpectReal(g));
  const Output x = g.input(0), y = g.input(1), dz = g.output_grad(0);
  const Output x_shape = g.ShapeOf(x);
  const Unbroadcast parts = Unbroadcast::From(g, x_shape, g.ShapeOf(y));
  TRELLIS_RETURN_IF_ERROR(g.status());
  const auto divide = [&](Output a) {
    return g.Emit("RealDiv", {a, y}, {}, name);
  };
  g.set_input_grad(0, parts.Reduce(g, 0, divide(dz)));
  const Output slope = divide(divide(g.Emit("Neg", {x})));
  g.set_input_grad(1,
                   parts.Reduce(g, 1, g.Emit("Mul", {dz, slope}, {}, "mul")));
  return g.status();
}

absl::Status DivGradient(GradientContext& g) {
  return QuotientGradient(g, "truediv");
}

absl::Status RealDivGradient(GradientContext& g) {
  return QuotientGradient(g, "RealDiv");
}

absl::Status FloorModGradient(GradientContext& g) {
  const Output x = g.input(0), y = g.input(1), dz = g.output_grad(0);
  const Output x_shape = g.ShapeOf(x);
  const Unbroadcast parts = Unbroadcast::From(g, x_shape, g.ShapeOf(y));
  TRELLIS_RETURN_IF_ERROR(g.status());
  const Output quotient = g.Emit("FloorDiv", {x, y});
  g.set_input_grad(0, parts.Reduce(g, 0, dz));
  const Output slope = g.Emit("Neg", {quotient});
  g.set_input_grad(1,
                   parts.Reduce(g, 1, g.Emit("Mul", {dz, slope}, {}, "mul")));
  return g.status();
}

// To x where `comparison` holds, else to y.
absl::Status ChoiceGradient(GradientContext& g, absl::string_view comparison) {
  const Output x = g.input(0), y = g.input(1), dz = g.output_grad(0);
  const Output x_shape = g.ShapeOf(x), y_shape = g.ShapeOf(y);
  const Output z_shape = g.ShapeOf(dz);
  const Output zeros = Zeros(g.scope(), z_shape, dz.dtype());
  const Output first = g.Emit(comparison, {x, y});
  const Unbroadcast parts = Unbroadcast::From(g, x_shape, y_shape);
  TRELLIS_RETURN_IF_ERROR(g.status());
  g.set_input_grad(0, parts.Reduce(g, 0, g.Emit("Select", {first, dz, zeros})));
  g.set_input_grad(1, parts.Reduce(g, 1, g.Emit("Select", {first, zeros, dz})));
  return g.status();
}

absl::Status MaximumGradient(GradientContext& g) {
  return ChoiceGradient(g, "GreaterEqual");
}

absl::Status MinimumGradient(GradientContext& g) {
  return ChoiceGradient(g, "LessEqual");
}

// Ones like x, with nodes of their own even where the shape is known.
absl::StatusOr<Output> OnesLike(GradientContext& g, Output x) {
  TRELLIS_ASSIGN_OR_RETURN(Tensor one, Input(1).ToTensor(x.dtype()));
  const auto scope = g.NameScope("ones_like");
  const Output shape = g.ShapeOf(x);
  return g.Emit("Fill", {shape, g.Constant(std::move(one))}, {},
                g.scope().path());
}

// dz y x^(y-1), and dz z log(x) with log(x) = 0 where x <= 0.
absl::Status PowGradient(GradientContext& g) {
  TRELLIS_RETURN_IF_ERROR(ExpectReal(g));
  const Output x = g.input(0), y = g.input(1), z = g.output(0);
  const Output dz = g.output_grad(0);
  const Unbroadcast parts = Unbroadcast::Folded(g);
  TRELLIS_RETURN_IF_ERROR(g.status());
  const Output scaled = g.Emit("Mul", {dz, y}, {}, "mul");
  const Output less = g.Emit("Sub", {y, 1}, {}, "sub");
  const Output power = g.Emit("Pow", {x, less});
  g.set_input_grad(
      0, parts.Reduce(g, 0, g.Emit("Mul", {scaled, power}, {}, "mul")));
  const Output positive = g.Emit("Greater", {x, 0});
  TRELLIS_ASSIGN_OR_RETURN(const Output ones, OnesLike(g, x));
  const Output logarithm =
      g.Emit("Log", {g.Emit("Select", {positive, x, ones})});
  const Output zeros = g.ZerosLike(x);
  const Output factor = g.Emit("Select", {positive, logarithm, zeros});
  const Output product = g.Emit("Mul", {dz, z}, {}, "mul");
  g.set_input_grad(
      1, parts.Reduce(g, 1, g.Emit("Mul", {product, factor}, {}, "mul")));
  return g.status();
}

OpSchema Add() {
  OpSchema s = Binary("Add", "x + y. Of strings, x followed by y.",
                      kArithmeticTypes | DTypeSet{kString});
  s.value = AddValue;
  s.gradient = AddGradient;
  return s;
}

OpSchema AddV2() {
  OpSchema s = Binary("AddV2", "x + y.", kArithmeticTypes);
  s.value = AddValue;
  s.gradient = AddGradient;
  s.commutative = true;
  return s;
}

OpSchema Div() {
  OpSchema s = Binary("Div",
                      "x / y. Of integers the quotient rounded towards zero, "
                      "and an error where y is 0.",
                      kArithmeticTypes | DTypeSet{kUint16});
  s.value = DivValue;
  s.gradient = DivGradient;
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
  s.gradient = FloorModGradient;
  return s;
}

OpSchema Maximum() {
  OpSchema s = Binary("Maximum",
                      "The larger of x and y. x where either is a NaN or where "
                      "they are equal.",
                      kFloatTypes | kIndexTypes);
  s.value = MaximumValue;
  s.gradient = MaximumGradient;
  return s;
}

OpSchema Minimum() {
  OpSchema s = Binary("Minimum",
                      "The smaller of x and y. x where either is a NaN or "
                      "where they are equal.",
                      kFloatTypes | kIndexTypes);
  s.value = MinimumValue;
  s.gradient = MinimumGradient;
  return s;
}

OpSchema Mul() {
  OpSchema s = Binary("Mul", "x * y.", kArithmeticTypes | DTypeSet{kUint16});
  s.value = MulValue;
  s.gradient = MulGradient;
  s.commutative = true;
  return s;
}

OpSchema Pow() {
  OpSchema s = Binary("Pow",
                      "x to the power of y. Of integers an error where y is "
                      "negative.",
                      kFloatOrComplex | kIndexTypes);
  s.gradient = PowGradient;
  return s;
}

OpSchema RealDiv() {
  OpSchema s = Binary("RealDiv", "x / y, of floating-point numbers.",
                      kArithmeticTypes | DTypeSet{kUint16});
  s.gradient = RealDivGradient;
  return s;
}

OpSchema SquaredDifference() {
  OpSchema s =
      Binary("SquaredDifference", "(x - y)^2.", kFloatOrComplex | kIndexTypes);
  s.gradient = SquaredDifferenceGradient;
  s.commutative = true;
  return s;
}

OpSchema Sub() {
  OpSchema s = Binary("Sub", "x - y.", kArithmeticTypes | DTypeSet{kUint16});
  s.value = SubValue;
  s.gradient = SubGradient;
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
