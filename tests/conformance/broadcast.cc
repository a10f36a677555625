#include <utility>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

CaseInput Vector(const std::vector<double>& values) {
  return Values(std::to_string(values.size()), values);
}

// The axes along which tensors of shapes x and y are repeated.
OpCase GradientArgs(std::string label, std::vector<double> x,
                    std::vector<double> y, std::vector<double> axes_x,
                    std::vector<double> axes_y) {
  const auto array = [](std::vector<double> axes) {
    const auto n = static_cast<int64_t>(axes.size());
    return Array(kInt64, {n}, std::move(axes));
  };
  return {.op = "BroadcastGradientArgs",
          .label = std::move(label),
          .inputs = {Vector(x), Vector(y)},
          .reference = [rx = array(std::move(axes_x)),
                        ry = array(std::move(axes_y))](Inputs) {
            return std::vector<Array>{rx, ry};
          }};
}

}  // namespace

std::vector<OpCase> BroadcastCases() {
  return {
      GradientArgs("Equal", {3, 1, 4}, {3, 1, 4}, {}, {}),
      GradientArgs("Row", {3, 4}, {4}, {}, {0}),
      GradientArgs("Outer", {3, 1}, {1, 4}, {1}, {0}),
      GradientArgs("BothOnes", {3, 1, 4}, {1, 1, 4}, {1}, {0, 1}),
      GradientArgs("Scalar", {}, {2, 3}, {0, 1}, {}),
      GradientArgs("Empty", {0, 1}, {1, 5}, {1}, {0}),
  };
}

}  // namespace trellis::testing
