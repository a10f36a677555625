#include <algorithm>
#include <cmath>
#include <utility>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

OpCase Unary(std::string op, CaseInput x, double (*f)(double)) {
  return {.op = std::move(op),
          .inputs = {std::move(x)},
          .reference = Map(f),
          .tolerance = {.absolute_epsilons = 2}};
}

// f of (y, dy), or of (gradient, feature).
OpCase UnaryGrad(std::string op, double (*f)(double, double)) {
  return {.op = std::move(op),
          .inputs = {AwayFromZero("n,m"), AwayFromZero("n,m")},
          .reference = Map(f),
          .tolerance = {.absolute_epsilons = 16, .relative_epsilons = 8}};
}

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double Sign(double x) { return (x > 0) - (x < 0); }
double Reciprocal(double x) { return 1 / x; }

}  // namespace

std::vector<OpCase> UnaryCases() {
  const CaseInput any = Uniform("n,m"), non_zero = AwayFromZero("n,m"),
                  positive = Uniform("n,m", 0.5, 3);
  const auto reciprocal_grad = +[](double y, double dy) { return -dy * y * y; };
  OpCase sign_of_zeros = Unary("Sign", Integers("n,m", -1, 1), Sign);
  sign_of_zeros.label = "Zeros";
  sign_of_zeros.gradient_outputs = std::vector<int>();
  return {
      Unary("Abs", non_zero, [](double x) { return std::abs(x); }),
      Unary("Exp", any, [](double x) { return std::exp(x); }),
      Unary("Floor", any, [](double x) { return std::floor(x); }),
      Unary("Inv", non_zero, Reciprocal),
      Unary("Log", positive, [](double x) { return std::log(x); }),
      Unary("LogicalNot", any, [](double x) { return x == 0 ? 1.0 : 0.0; }),
      Unary("Neg", any, [](double x) { return -x; }),
      Unary("Reciprocal", non_zero, Reciprocal),
      Unary("Relu", non_zero, [](double x) { return std::max(x, 0.0); }),
      Unary("Rsqrt", positive, [](double x) { return 1 / std::sqrt(x); }),
      Unary("Sigmoid", any, Sigmoid),
      Unary("Sign", non_zero, Sign),
      std::move(sign_of_zeros),
      Unary("Sqrt", positive, [](double x) { return std::sqrt(x); }),
      Unary("Square", any, [](double x) { return x * x; }),
      Unary("Tanh", any, [](double x) { return std::tanh(x); }),

      UnaryGrad("InvGrad", reciprocal_grad),
      UnaryGrad("ReciprocalGrad", reciprocal_grad),
      UnaryGrad("ReluGrad",
                [](double dy, double x) { return x > 0 ? dy : 0.0; }),
      UnaryGrad("RsqrtGrad",
                [](double y, double dy) { return -0.5 * dy * y * y * y; }),
      UnaryGrad("SigmoidGrad",
                [](double y, double dy) { return dy * y * (1 - y); }),
      UnaryGrad("SqrtGrad", [](double y, double dy) { return 0.5 * dy / y; }),
      UnaryGrad("TanhGrad",
                [](double y, double dy) { return dy * (1 - y * y); }),
  };
}

}  // namespace trellis::testing
