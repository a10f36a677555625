#include <cmath>
#include <utility>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

constexpr Tolerance kTolerance = {.absolute_epsilons = 16,
                                  .relative_epsilons = 16};

// in: var, alpha, delta.
Results GradientDescent(Inputs in) {
  Array var = in[0];
  for (int64_t i = 0; i < var.size(); ++i) var[i] -= in[1][0] * in[2][i];
  return var;
}

// in: var, accum, lr, grad, momentum.
Results Momentum(Inputs in, bool nesterov) {
  Array var = in[0], accum = in[1];
  const double lr = in[2][0], momentum = in[4][0];
  for (int64_t i = 0; i < var.size(); ++i) {
    accum[i] = accum[i] * momentum + in[3][i];
    var[i] -= nesterov ? lr * (in[3][i] + momentum * accum[i]) : lr * accum[i];
  }
  return std::vector<Array>{var, accum};
}

// in: var, m, v, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad.
Results Adam(Inputs in, bool nesterov) {
  Array var = in[0], m = in[1], v = in[2];
  const double beta1_power = in[3][0], beta2_power = in[4][0], lr = in[5][0],
               beta1 = in[6][0], beta2 = in[7][0], epsilon = in[8][0];
  const double alpha = lr * std::sqrt(1 - beta2_power) / (1 - beta1_power);
  for (int64_t i = 0; i < var.size(); ++i) {
    const double g = in[9][i];
    m[i] = beta1 * m[i] + (1 - beta1) * g;
    v[i] = beta2 * v[i] + (1 - beta2) * g * g;
    const double step = nesterov ? beta1 * m[i] + (1 - beta1) * g : m[i];
    var[i] -= alpha * step / (std::sqrt(v[i]) + epsilon);
  }
  return std::vector<Array>{var, m, v};
}

CaseInput Number(double value) {
  return Generated("", [value](const Element&) { return value; });
}

}  // namespace

std::vector<OpCase> OptimizerCases() {
  std::vector<OpCase> cases;
  const CaseInput any = Uniform("n,m");
  const CaseInput positive = Uniform("n,m", 0.5, 2);
  for (const std::string prefix : {"Apply", "ResourceApply"}) {
    cases.push_back({.op = prefix + "GradientDescent",
                     .inputs = {any, Number(0.1), any},
                     .reference = GradientDescent,
                     .tolerance = kTolerance});
    for (const bool nesterov : {false, true}) {
      cases.push_back(
          {.op = prefix + "Momentum",
           .label = nesterov ? "Nesterov" : "",
           .inputs = {any, any, Number(0.1), any, Number(0.9)},
           .attrs = {{"use_nesterov", nesterov}},
           .reference =
               [nesterov](Inputs in) { return Momentum(in, nesterov); },
           .tolerance = kTolerance});
      cases.push_back(
          {.op = prefix + "Adam",
           .label = nesterov ? "Nesterov" : "",
           .inputs = {any, any, positive, Number(0.75), Number(0.875),
                      Number(0.01), Number(0.875), Number(0.9375),
                      Number(0.0078125), any},
           .attrs = {{"use_nesterov", nesterov}},
           .reference = [nesterov](Inputs in) { return Adam(in, nesterov); },
           .tolerance = kTolerance});
    }
  }
  return cases;
}

}  // namespace trellis::testing
