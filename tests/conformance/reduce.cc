#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

// The elements that make one element of the result.
using Combine = double (*)(const std::vector<double>& elements, DType dtype);

Results Reduce(Inputs in, bool keep_dims, Combine combine) {
  const Array& x = in[0];
  std::vector<bool> reduced(x.rank());
  for (const int64_t axis : in[1].integers()) {
    reduced[axis < 0 ? axis + x.rank() : axis] = true;
  }
  Shape kept = Shape::Scalar(), shape = Shape::Scalar();
  for (int i = 0; i < x.rank(); ++i) {
    kept.push_back(reduced[i] ? 1 : x.dim(i));
    if (!reduced[i] || keep_dims) shape.push_back(kept.dim(i));
  }
  std::vector<std::vector<double>> groups(kept.num_elements());
  ForEachIndex(x.shape, [&](const Index& index) {
    int64_t group = 0;
    for (int i = 0; i < x.rank(); ++i) {
      if (!reduced[i]) group = group * x.dim(i) + index[i];
    }
    groups[group].push_back(x.at(index));
  });
  Array y(x.dtype, shape);
  for (int64_t i = 0; i < y.size(); ++i) y[i] = combine(groups[i], x.dtype);
  return y;
}

double Sum(const std::vector<double>& elements, DType) {
  double sum = 0;
  for (const double x : elements) sum += x;
  return sum;
}

double Mean(const std::vector<double>& elements, DType dtype) {
  const double n = static_cast<double>(elements.size());
  const double sum = Sum(elements, dtype);
  if (IsFloatingPoint(dtype)) return sum / n;
  return n == 0 ? 0 : std::trunc(sum / n);
}

double Prod(const std::vector<double>& elements, DType) {
  double product = 1;
  for (const double x : elements) product *= x;
  return product;
}

// The least value of a type.
double Lowest(DType dtype) {
  if (dtype == kInt32) return std::numeric_limits<int32_t>::min();
  if (dtype == kInt64) {
    return static_cast<double>(std::numeric_limits<int64_t>::min());
  }
  return -std::numeric_limits<double>::infinity();
}

double Max(const std::vector<double>& elements, DType dtype) {
  double y = Lowest(dtype);
  for (const double x : elements) y = std::max(x, y);
  return y;
}

double Min(const std::vector<double>& elements, DType dtype) {
  // As FromTensor sees it: 2^63 - 1 is 2^63 there, 2^31 - 1 itself.
  double y =
      dtype == kInt32 ? std::numeric_limits<int32_t>::max() : -Lowest(dtype);
  for (const double x : elements) y = std::min(x, y);
  return y;
}

double All(const std::vector<double>& elements, DType) {
  return std::count(elements.begin(), elements.end(), 0) == 0;
}

double Any(const std::vector<double>& elements, DType) {
  return std::count(elements.begin(), elements.end(), 0) <
         static_cast<int64_t>(elements.size());
}

// Which axes of what.
struct Axes {
  const char* label;
  const char* shape;
  std::vector<double> axes;
};

void AddReduction(std::vector<OpCase>& cases, const std::string& op,
                  CaseInput (*make_input)(std::string), Combine combine,
                  Tolerance tolerance) {
  const Axes all_axes[] = {
      {"Rows", "n,m", {1}},      {"Columns", "n,m", {0}},
      {"All", "n,m", {0, 1}},    {"None", "n,m", {}},
      {"Middle", "n,m,k", {-2}}, {"Outside", "n,m,k", {2, 0}}};
  for (const Axes& axes : all_axes) {
    for (const bool keep_dims : {false, true}) {
      const int n = static_cast<int>(axes.axes.size());
      cases.push_back(
          {.op = op,
           .label = std::string(axes.label) + (keep_dims ? "Kept" : ""),
           .inputs = {make_input(axes.shape),
                      Values(std::to_string(n), axes.axes)},
           .attrs = {{"keep_dims", keep_dims}},
           .reference =
               [keep_dims, combine](Inputs in) {
                 return Reduce(in, keep_dims, combine);
               },
           .tolerance = tolerance});
    }
  }
  cases.push_back(
      {.op = op,
       .label = "ScalarAxis",
       .inputs = {make_input("n,m"), Value(-1)},
       .reference = [combine](Inputs in) { return Reduce(in, false, combine); },
       .tolerance = tolerance});
}

CaseInput AnyNumber(std::string shape) { return Uniform(std::move(shape)); }

// Whose products stay near 1.
CaseInput NearOne(std::string shape) {
  return Generated(std::move(shape), [](const Element& e) {
    return IsFloatingPoint(e.dtype) ? 0.99 + 0.02 * e.random
                                    : (e.random < 0.5 ? -1.0 : 1.0);
  });
}

// So that some rows have one value only.
CaseInput MostlyTrue(std::string shape) {
  return Generated(std::move(shape),
                   [](const Element& e) { return e.random < 0.9 ? 1.0 : 0.0; });
}

CaseInput MostlyFalse(std::string shape) {
  return Generated(std::move(shape),
                   [](const Element& e) { return e.random < 0.9 ? 0.0 : 1.0; });
}

}  // namespace

std::vector<OpCase> ReduceCases() {
  // Of up to 35,000 terms below 2.
  constexpr Tolerance kSum = {.absolute_epsilons = 4096};
  constexpr Tolerance kProduct = {.relative_epsilons = 4096};
  std::vector<OpCase> cases;
  AddReduction(cases, "All", MostlyTrue, All, {});
  AddReduction(cases, "Any", MostlyFalse, Any, {});
  AddReduction(cases, "Max", Distinct, Max, {});
  AddReduction(cases, "Mean", AnyNumber, Mean, {.absolute_epsilons = 64});
  AddReduction(cases, "Min", Distinct, Min, {});
  AddReduction(cases, "Prod", NearOne, Prod, kProduct);
  AddReduction(cases, "Sum", AnyNumber, Sum, kSum);
  for (OpCase& op_case : cases) {
    // Its gradient is an error: it needs cumulative products.
    if (op_case.op == "Prod") op_case.gradient_outputs = std::vector<int>();
  }
  cases.push_back({.op = "L2Loss",
                   .inputs = {Uniform("n,m")},
                   .reference =
                       [](Inputs in) {
                         double sum = 0;
                         for (const double x : in[0].values) sum += x * x / 2;
                         return Array(in[0].dtype, Shape::Scalar(), {sum});
                       },
                   .tolerance = kSum});
  return cases;
}

}  // namespace trellis::testing
