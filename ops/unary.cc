// Element-wise functions of one tensor, and the gradients of those that have an
// op of their own for it.
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

namespace trellis {
namespace {

constexpr DTypeSet kFloatOrComplex = kFloatTypes | kComplexTypes;
constexpr DTypeSet kSignedNumbers = kFloatOrComplex | kIndexTypes;

// y = f(x), element by element.
OpSchema Unary(std::string name, std::string doc, DTypeSet types) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .inputs = {{"x", "T"}},
          .outputs = {{"y", "T"}},
          .attrs = {TypeAttr("T", types)},
          .shape = UnchangedShape,
          .in_place = {0}};
}

absl::Status SameShapes(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(Shape shape, c.Merge(c.input(0), c.input(1)));
  return c.SetOutput(0, std::move(shape));
}

// The gradient of f as a function of y = f(x).
OpSchema UnaryGrad(std::string name, std::string doc) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .inputs = {{"y", "T"}, {"dy", "T"}},
          .outputs = {{"z", "T"}},
          .attrs = {TypeAttr("T", kFloatOrComplex)},
          .shape = SameShapes,
          .in_place = {0, 1}};
}

std::optional<PartialValue> NegValue(ShapeContext& c) {
  std::optional<PartialValue> value = c.partial_input(0);
  if (!value.has_value()) return std::nullopt;
  for (std::optional<int64_t>& e : value->elements) {
    if (e.has_value()) e = CheckedSub(0, *e);
  }
  return value;
}

// ---- gradients; dy is that of y = f(x)

absl::Status AbsGradient(GradientContext& g) {
  const Output sign = g.Emit("Sign", {g.input(0)});
  g.set_input_grad(0, g.Emit("Mul", {g.output_grad(0), sign}, {}, "mul"));
  return g.status();
}

absl::Status ExpGradient(GradientContext& g) {
  TRELLIS_RETURN_IF_ERROR(ExpectReal(g));
  const auto waiting = g.WaitFor(g.output_grad(0));
  g.set_input_grad(0,
                   g.Emit("Mul", {g.output_grad(0), g.output(0)}, {}, "mul"));
  return g.status();
}

absl::Status LogGradient(GradientContext& g) {
  TRELLIS_RETURN_IF_ERROR(ExpectReal(g));
  const Output dy = g.output_grad(0);
  const auto waiting = g.WaitFor(dy);
  const Output inverse = g.Emit("Reciprocal", {g.input(0)});
  g.set_input_grad(0, g.Emit("Mul", {dy, inverse}, {}, "mul"));
  return g.status();
}

absl::Status NegGradient(GradientContext& g) {
  g.set_input_grad(0, g.Emit("Neg", {g.output_grad(0)}));
  return g.status();
}

absl::Status ReluGradient(GradientContext& g) {
  g.set_input_grad(0, g.Emit("ReluGrad", {g.output_grad(0), g.output(0)}));
  return g.status();
}

// Linear in the gradients; piecewise constant in the features.
absl::Status ReluGradGradient(GradientContext& g) {
  g.set_input_grad(0, g.Emit("ReluGrad", {g.output_grad(0), g.input(1)}));
  const Output shape = g.ShapeOf(g.input(1));
  g.set_input_grad(1, Zeros(g.scope(), shape, g.input(1).dtype()));
  return g.status();
}

absl::Status SignGradient(GradientContext& g) {
  const Output shape = g.ShapeOf(g.input(0));
  g.set_input_grad(0, Zeros(g.scope(), shape, g.input(0).dtype()));
  return g.status();
}

absl::Status SquareGradient(GradientContext& g) {
  TRELLIS_RETURN_IF_ERROR(ExpectReal(g));
  const Output x = g.input(0), dy = g.output_grad(0);
  TRELLIS_ASSIGN_OR_RETURN(Tensor two, Input(2).ToTensor(x.dtype()));
  const auto waiting = g.WaitFor(dy);
  const Output factor = g.Emit("Mul", {x, g.Constant(std::move(two))});
  g.set_input_grad(0, g.Emit("Mul", {dy, factor}));
  return g.status();
}

// Those that have an op for it, a function of y and dy.
absl::Status EmitUnaryGrad(GradientContext& g, absl::string_view op) {
  TRELLIS_RETURN_IF_ERROR(ExpectReal(g));
  g.set_input_grad(0, g.Emit(op, {g.output(0), g.output_grad(0)}));
  return g.status();
}

absl::Status ReciprocalGradient(GradientContext& g) {
  return EmitUnaryGrad(g, "ReciprocalGrad");
}

absl::Status RsqrtGradient(GradientContext& g) {
  return EmitUnaryGrad(g, "RsqrtGrad");
}

absl::Status SigmoidGradient(GradientContext& g) {
  const auto waiting = g.WaitFor(g.output_grad(0));
  return EmitUnaryGrad(g, "SigmoidGrad");
}

absl::Status SqrtGradient(GradientContext& g) {
  return EmitUnaryGrad(g, "SqrtGrad");
}

absl::Status TanhGradient(GradientContext& g) {
  const auto waiting = g.WaitFor(g.output_grad(0));
  return EmitUnaryGrad(g, "TanhGrad");
}

// ---- second derivatives; dz is the gradient of z = Grad(y, dy)

// -dy y^2
absl::Status ReciprocalGradGradient(GradientContext& g) {
  TRELLIS_RETURN_IF_ERROR(ExpectReal(g));
  const Output y = g.input(0), dy = g.input(1), dz = g.output_grad(0);
  const auto waiting = g.WaitFor(dz);
  const Output twice = g.Emit("Mul", {dz, -2}, {}, "mul");
  const Output product = g.Emit("Mul", {twice, dy}, {}, "mul");
  g.set_input_grad(0, g.Emit("Mul", {product, y}, {}, "mul"));
  g.set_input_grad(1, g.Emit("ReciprocalGrad", {y, dz}));
  return g.status();
}

// -dy y^3 / 2
absl::Status RsqrtGradGradient(GradientContext& g) {
  TRELLIS_RETURN_IF_ERROR(ExpectReal(g));
  const Output y = g.input(0), dy = g.input(1), dz = g.output_grad(0);
  const auto waiting = g.WaitFor(dz);
  const Output scaled = g.Emit("Mul", {-1.5, dz}, {}, "mul");
  const Output product = g.Emit("Mul", {scaled, dy}, {}, "mul");
  const Output square = g.Emit("Square", {y});
  g.set_input_grad(0, g.Emit("Mul", {product, square}, {}, "mul"));
  g.set_input_grad(1, g.Emit("RsqrtGrad", {y, dz}));
  return g.status();
}

// dy y (1 - y)
absl::Status SigmoidGradGradient(GradientContext& g) {
  TRELLIS_RETURN_IF_ERROR(ExpectReal(g));
  const Output y = g.input(0), dy = g.input(1), dz = g.output_grad(0);
  const auto waiting = g.WaitFor(dz);
  const Output product = g.Emit("Mul", {dz, dy}, {}, "mul");
  const Output twice = g.Emit("Mul", {2, product}, {}, "mul");
  const Output bent = g.Emit("Mul", {twice, y}, {}, "mul");
  g.set_input_grad(0, g.Emit("Sub", {product, bent}, {}, "sub"));
  g.set_input_grad(1, g.Emit("SigmoidGrad", {y, dz}));
  return g.status();
}

// dy / 2y
absl::Status SqrtGradGradient(GradientContext& g) {
  TRELLIS_RETURN_IF_ERROR(ExpectReal(g));
  const Output y = g.input(0), dz = g.output_grad(0);
  const auto waiting = g.WaitFor(dz);
  const Output quotient = g.Emit("RealDiv", {dz, y}, {}, "truediv");
  const Output negative = g.Emit("Neg", {quotient});
  g.set_input_grad(0, g.Emit("Mul", {negative, g.output(0)}, {}, "mul"));
  g.set_input_grad(1, g.Emit("Mul", {0.5, quotient}, {}, "mul"));
  return g.status();
}

// dy (1 - y^2)
absl::Status TanhGradGradient(GradientContext& g) {
  TRELLIS_RETURN_IF_ERROR(ExpectReal(g));
  const Output y = g.input(0), dy = g.input(1), dz = g.output_grad(0);
  const auto waiting = g.WaitFor(dz);
  const Output twice = g.Emit("Mul", {dz, -2}, {}, "mul");
  const Output product = g.Emit("Mul", {twice, dy}, {}, "mul");
  g.set_input_grad(0, g.Emit("Mul", {product, y}, {}, "mul"));
  g.set_input_grad(1, g.Emit("TanhGrad", {y, dz}));
  return g.status();
}

OpSchema Abs() {
  OpSchema s = Unary("Abs", "The absolute value |x|.",
                     kFloatTypes | DTypeSet{kInt32, kInt64});
  s.gradient = AbsGradient;
  return s;
}

OpSchema Exp() {
  OpSchema s = Unary("Exp", "The exponential function e^x.", kFloatOrComplex);
  s.gradient = ExpGradient;
  return s;
}

OpSchema Floor() {
  OpSchema s =
      Unary("Floor", "The largest integer that is not above x.", kFloatTypes);
  s.not_differentiable = "piecewise constant";
  return s;
}

OpSchema Inv() {
  OpSchema s =
      Unary("Inv", "1 / x; an older name of Reciprocal.", kSignedNumbers);
  s.gradient = ReciprocalGradient;
  return s;
}

OpSchema InvGrad() {
  OpSchema s = UnaryGrad("InvGrad", "-dy * y^2, the gradient of y = 1 / x.");
  s.gradient = ReciprocalGradGradient;
  return s;
}

OpSchema Log() {
  OpSchema s = Unary("Log", "The natural logarithm of x.", kFloatOrComplex);
  s.gradient = LogGradient;
  return s;
}

OpSchema LogicalNot() {
  return {.name = "LogicalNot",
          .doc = "Whether x is false.",
          .inputs = {{"x", "bool"}},
          .outputs = {{"y", "bool"}},
          .shape = UnchangedShape,
          .not_differentiable = "a truth value",
          .in_place = {0}};
}

OpSchema Neg() {
  OpSchema s = Unary("Neg", "-x.", kSignedNumbers);
  s.value = NegValue;
  s.gradient = NegGradient;
  return s;
}

OpSchema Reciprocal() {
  OpSchema s = Unary("Reciprocal", "1 / x.", kSignedNumbers);
  s.gradient = ReciprocalGradient;
  return s;
}

OpSchema ReciprocalGrad() {
  OpSchema s =
      UnaryGrad("ReciprocalGrad", "-dy * y^2, the gradient of y = 1 / x.");
  s.gradient = ReciprocalGradGradient;
  return s;
}

OpSchema Relu() {
  return {.name = "Relu",
          .doc = "max(features, 0), the rectifier. A NaN stays one.",
          .inputs = {{"features", "T"}},
          .outputs = {{"activations", "T"}},
          .attrs = {TypeAttr("T", kRealNumberTypes | DTypeSet{kQint8})},
          .shape = UnchangedShape,
          .gradient = ReluGradient,
          .in_place = {0}};
}

OpSchema ReluGrad() {
  return {.name = "ReluGrad",
          .doc =
              "The gradients where features > 0, else 0: the gradient of "
              "Relu, of whose input or output `features` may be.",
          .inputs = {{"gradients", "T"}, {"features", "T"}},
          .outputs = {{"backprops", "T"}},
          .attrs = {TypeAttr("T", kRealNumberTypes)},
          .shape = SameShapes,
          .gradient = ReluGradGradient,
          .in_place = {0, 1}};
}

OpSchema Rsqrt() {
  OpSchema s = Unary("Rsqrt", "1 / sqrt(x).", kFloatOrComplex);
  s.gradient = RsqrtGradient;
  return s;
}

OpSchema RsqrtGrad() {
  OpSchema s =
      UnaryGrad("RsqrtGrad", "-0.5 * dy * y^3, the gradient of y = Rsqrt(x).");
  s.gradient = RsqrtGradGradient;
  return s;
}

OpSchema Sigmoid() {
  OpSchema s = Unary("Sigmoid", "The logistic function 1 / (1 + e^-x).",
                     kFloatOrComplex);
  s.gradient = SigmoidGradient;
  return s;
}

OpSchema SigmoidGrad() {
  OpSchema s = UnaryGrad("SigmoidGrad",
                         "dy * y * (1 - y), the gradient of y = Sigmoid(x).");
  s.gradient = SigmoidGradGradient;
  return s;
}

OpSchema Sign() {
  OpSchema s = Unary("Sign",
                     "-1, 0 or 1 as x is negative, zero or positive; 0 for a "
                     "NaN.",
                     kSignedNumbers);
  s.gradient = SignGradient;
  return s;
}

OpSchema Sqrt() {
  OpSchema s = Unary("Sqrt", "The square root of x.", kFloatOrComplex);
  s.gradient = SqrtGradient;
  return s;
}

OpSchema SqrtGrad() {
  OpSchema s =
      UnaryGrad("SqrtGrad", "0.5 * dy / y, the gradient of y = Sqrt(x).");
  s.gradient = SqrtGradGradient;
  return s;
}

OpSchema Square() {
  OpSchema s = Unary("Square", "x * x.", kSignedNumbers);
  s.gradient = SquareGradient;
  return s;
}

OpSchema Tanh() {
  OpSchema s = Unary("Tanh", "The hyperbolic tangent of x.", kFloatOrComplex);
  s.gradient = TanhGradient;
  return s;
}

OpSchema TanhGrad() {
  OpSchema s =
      UnaryGrad("TanhGrad", "dy * (1 - y^2), the gradient of y = Tanh(x).");
  s.gradient = TanhGradGradient;
  return s;
}

}  // namespace

void RegisterUnaryOps(OpRegistry& registry) {
  registry.Add(Abs());
  registry.Add(Exp());
  registry.Add(Floor());
  registry.Add(Inv());
  registry.Add(InvGrad());
  registry.Add(Log());
  registry.Add(LogicalNot());
  registry.Add(Neg());
  registry.Add(Reciprocal());
  registry.Add(ReciprocalGrad());
  registry.Add(Relu());
  registry.Add(ReluGrad());
  registry.Add(Rsqrt());
  registry.Add(RsqrtGrad());
  registry.Add(Sigmoid());
  registry.Add(SigmoidGrad());
  registry.Add(Sign());
  registry.Add(Sqrt());
  registry.Add(SqrtGrad());
  registry.Add(Square());
  registry.Add(Tanh());
  registry.Add(TanhGrad());
}

}  // namespace trellis
