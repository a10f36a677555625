#include <utility>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

// Of few different values, so that many are equal.
void AddComparison(std::vector<OpCase>& cases, const std::string& op,
                   double (*f)(double, double)) {
  const struct {
    const char *name, *x, *y;
  } shapes[] = {{"Same", "n,m", "n,m"},
                {"Outer", "n,1,k", "m,1"},
                {"Row", "m", "n,m"},
                {"ScalarY", "n,m", ""}};
  for (const auto& shape : shapes) {
    cases.push_back(
        {.op = op,
         .label = shape.name,
         .inputs = {Integers(shape.x, -2, 2), Integers(shape.y, -2, 2)},
         .reference = Map(f)});
  }
}

// Shapes that do not broadcast are unequal as a whole.
OpCase UnequalShapes(std::string op, double result) {
  return {.op = std::move(op),
          .label = "UnequalShapes",
          .inputs = {Integers("3", 0, 1), Integers("2", 0, 1)},
          .attrs = {{"incompatible_shape_error", false}},
          .reference = [result](Inputs) {
            return Array(kBool, Shape::Scalar(), {result});
          }};
}

}  // namespace

std::vector<OpCase> CompareCases() {
  std::vector<OpCase> cases;
  const auto add = [&cases](const char* op, double (*f)(double, double)) {
    AddComparison(cases, op, f);
  };
  add("Equal", [](double x, double y) { return (x == y) ? 1.0 : 0.0; });
  add("Greater", [](double x, double y) { return (x > y) ? 1.0 : 0.0; });
  add("GreaterEqual", [](double x, double y) { return (x >= y) ? 1.0 : 0.0; });
  add("Less", [](double x, double y) { return (x < y) ? 1.0 : 0.0; });
  add("LessEqual", [](double x, double y) { return (x <= y) ? 1.0 : 0.0; });
  add("LogicalAnd",
      [](double x, double y) { return (x != 0 && y != 0) ? 1.0 : 0.0; });
  add("LogicalOr",
      [](double x, double y) { return (x != 0 || y != 0) ? 1.0 : 0.0; });
  add("NotEqual", [](double x, double y) { return (x != y) ? 1.0 : 0.0; });
  cases.push_back(UnequalShapes("Equal", 0));
  cases.push_back(UnequalShapes("NotEqual", 1));
  return cases;
}

}  // namespace trellis::testing
