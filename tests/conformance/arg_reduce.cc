#include <string>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

// The first of the best along the axis in[1].
Results ArgReduce(Inputs in, bool (*better)(double, double)) {
  const Array& x = in[0];
  const int64_t axis = in[1][0] < 0 ? x.rank() - 1 : in[1].integers()[0];
  Shape shape = Shape::Scalar();
  for (int i = 0; i < x.rank(); ++i) {
    if (i != axis) shape.push_back(x.dim(i));
  }
  return Array(kInt64, shape, [&](Index index) {
    index.insert(index.begin() + axis, 0);
    Index best = index;
    for (; index[axis] < x.dim(static_cast<int>(axis)); ++index[axis]) {
      if (better(x.at(index), x.at(best))) best = index;
    }
    return static_cast<double>(best[axis]);
  });
}

void AddOp(std::vector<OpCase>& cases, const std::string& op,
           bool (*better)(double, double)) {
  const struct {
    const char *label, *shape;
    double axis;
  } axes[] = {{"Rows", "n,k", 1},
              {"Columns", "k,n", 0},
              {"Middle", "n,k,m", 1},
              {"Last", "n,m,k", -1}};
  for (const auto& axis : axes) {
    for (const bool ties : {false, true}) {
      cases.push_back(
          {.op = op,
           .label = std::string(axis.label) + (ties ? "Ties" : ""),
           .inputs = {ties ? Integers(axis.shape, 0, 1) : Distinct(axis.shape),
                      Value(axis.axis)},
           .reference = [better](Inputs in) { return ArgReduce(in, better); }});
    }
  }
}

}  // namespace

std::vector<OpCase> ArgReduceCases() {
  std::vector<OpCase> cases;
  AddOp(cases, "ArgMax", [](double a, double b) { return a > b; });
  AddOp(cases, "ArgMin", [](double a, double b) { return a < b; });
  return cases;
}

}  // namespace trellis::testing
