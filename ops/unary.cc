// Element-wise functions of one tensor, and the gradients of those that have an
// op of their own for it.
#include <string>
#include <utility>

#include "trellis/base/checked_int.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"

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

OpSchema Abs() {
  OpSchema s = Unary("Abs", "The absolute value |x|.",
                     kFloatTypes | DTypeSet{kInt32, kInt64});
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema Exp() {
  OpSchema s = Unary("Exp", "The exponential function e^x.", kFloatOrComplex);
  s.not_differentiable = "gradient to come";
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
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema InvGrad() {
  OpSchema s = UnaryGrad("InvGrad", "-dy * y^2, the gradient of y = 1 / x.");
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema Log() {
  OpSchema s = Unary("Log", "The natural logarithm of x.", kFloatOrComplex);
  s.not_differentiable = "gradient to come";
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
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema Reciprocal() {
  OpSchema s = Unary("Reciprocal", "1 / x.", kSignedNumbers);
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema ReciprocalGrad() {
  OpSchema s =
      UnaryGrad("ReciprocalGrad", "-dy * y^2, the gradient of y = 1 / x.");
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema Relu() {
  return {.name = "Relu",
          .doc = "max(features, 0), the rectifier. A NaN stays one.",
          .inputs = {{"features", "T"}},
          .outputs = {{"activations", "T"}},
          .attrs = {TypeAttr("T", kRealNumberTypes | DTypeSet{kQint8})},
          .shape = UnchangedShape,
          .not_differentiable = "gradient to come",
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
          .not_differentiable = "gradient to come",
          .in_place = {0, 1}};
}

OpSchema Rsqrt() {
  OpSchema s = Unary("Rsqrt", "1 / sqrt(x).", kFloatOrComplex);
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema RsqrtGrad() {
  OpSchema s =
      UnaryGrad("RsqrtGrad", "-0.5 * dy * y^3, the gradient of y = Rsqrt(x).");
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema Sigmoid() {
  OpSchema s = Unary("Sigmoid", "The logistic function 1 / (1 + e^-x).",
                     kFloatOrComplex);
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema SigmoidGrad() {
  OpSchema s = UnaryGrad("SigmoidGrad",
                         "dy * y * (1 - y), the gradient of y = Sigmoid(x).");
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema Sign() {
  OpSchema s = Unary("Sign",
                     "-1, 0 or 1 as x is negative, zero or positive; 0 for a "
                     "NaN.",
                     kSignedNumbers);
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema Sqrt() {
  OpSchema s = Unary("Sqrt", "The square root of x.", kFloatOrComplex);
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema SqrtGrad() {
  OpSchema s =
      UnaryGrad("SqrtGrad", "0.5 * dy / y, the gradient of y = Sqrt(x).");
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema Square() {
  OpSchema s = Unary("Square", "x * x.", kSignedNumbers);
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema Tanh() {
  OpSchema s = Unary("Tanh", "The hyperbolic tangent of x.", kFloatOrComplex);
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema TanhGrad() {
  OpSchema s =
      UnaryGrad("TanhGrad", "dy * (1 - y^2), the gradient of y = Tanh(x).");
  s.not_differentiable = "gradient to come";
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
