#include <algorithm>
#include <cmath>
#include <utility>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

// An input for a shape: Uniform, AwayFromZero, ...
using MakeOperand = CaseInput (*)(std::string);

CaseInput Any(std::string shape) { return Uniform(std::move(shape)); }
CaseInput Positive(std::string shape) {
  return Uniform(std::move(shape), 0.5, 2);
}
// Two whose quotients are never close to where they are rounded differently.
CaseInput OffTheGrid(std::string shape) {
  return Generated(std::move(shape), [](const Element& e) {
    const double x = std::floor(16 * e.random) - 8;
    return IsFloatingPoint(e.dtype) ? x / 4 + 0.1 : x;
  });
}
CaseInput OnTheGrid(std::string shape) {
  return Generated(std::move(shape), [](const Element& e) {
    const double x = std::floor(8 * e.random) - 4;
    return (x < 0 ? x : x + 1) * (IsFloatingPoint(e.dtype) ? 0.5 : 1);
  });
}
CaseInput Exponent(std::string shape) {
  return Uniform(std::move(shape), 0, 0.9);
}

// One op under every kind of broadcasting.
void AddBinary(std::vector<OpCase>& cases, const std::string& op,
               MakeOperand make_x, MakeOperand make_y, Reference reference,
               DTypeSet dtypes = {}, std::string label = "") {
  const struct {
    const char *name, *x, *y;
  } shapes[] = {
      {"Same", "n,m", "n,m"},      {"Row", "n,m", "m"},
      {"Column", "n,1", "n,m"},    {"Outer", "n,1,k", "m,1"},
      {"ScalarX", "", "n,m"},      {"ScalarY", "n,m", ""},
      {"Inner", "n,1,k", "n,m,k"},
  };
  for (const auto& shape : shapes) {
    cases.push_back({.op = op,
                     .label = label + shape.name,
                     .inputs = {make_x(shape.x), make_y(shape.y)},
                     .reference = reference,
                     .tolerance = {.absolute_epsilons = 4},
                     .dtypes = dtypes});
  }
}

double Divide(double x, double y) { return x / y; }
double FloorDivide(double x, double y) { return std::floor(x / y); }
double FloorRemainder(double x, double y) { return x - std::floor(x / y) * y; }
double SquareOfDifference(double x, double y) { return (x - y) * (x - y); }

}  // namespace

std::vector<OpCase> BinaryCases() {
  constexpr DTypeSet kFloats = {kFloat32, kFloat64};
  const Reference add = Map([](double x, double y) { return x + y; });
  std::vector<OpCase> cases;
  AddBinary(cases, "Add", Any, Any, add,
            kFloats | kIndexTypes);  // strings are joined
  AddBinary(cases, "AddV2", Any, Any, add);
  AddBinary(cases, "Div", Any, AwayFromZero, Map(Divide), kFloats);
  AddBinary(cases, "Div", Any, AwayFromZero,
            Map([](double x, double y) { return std::trunc(x / y); }),
            kIndexTypes, "Integer");
  AddBinary(cases, "FloorDiv", OffTheGrid, OnTheGrid, Map(FloorDivide));
  AddBinary(cases, "FloorMod", OffTheGrid, OnTheGrid, Map(FloorRemainder));
  AddBinary(cases, "Maximum", Any, Any,
            Map([](double x, double y) { return std::max(x, y); }));
  AddBinary(cases, "Minimum", Any, Any,
            Map([](double x, double y) { return std::min(x, y); }));
  AddBinary(cases, "Mul", Any, Any,
            Map([](double x, double y) { return x * y; }));
  AddBinary(cases, "Pow", Positive, Exponent,
            Map([](double x, double y) { return std::pow(x, y); }));
  AddBinary(cases, "RealDiv", Any, AwayFromZero, Map(Divide));
  AddBinary(cases, "SquaredDifference", Any, Any, Map(SquareOfDifference));
  AddBinary(cases, "Sub", Any, Any,
            Map([](double x, double y) { return x - y; }));
  return cases;
}

}  // namespace trellis::testing
