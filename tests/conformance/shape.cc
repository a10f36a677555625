#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

Array ShapeOf(const Array& x) {
  Array y(kInt64, {x.rank()});
  for (int i = 0; i < x.rank(); ++i) y[i] = static_cast<double>(x.dim(i));
  return y;
}

Array Scalar(int64_t value) {
  return Array(kInt64, Shape::Scalar(), {static_cast<double>(value)});
}

}  // namespace

std::vector<OpCase> ShapeCases() {
  std::vector<OpCase> cases;
  for (const char* shape : {"n,m", "k,1,n", ""}) {
    const std::string label =
        "Rank" + std::to_string(BoundShape(shape, {1, 1, 1}).rank());
    cases.push_back({.op = "Shape",
                     .label = label,
                     .inputs = {Uniform(shape)},
                     .reference = [](Inputs in) { return ShapeOf(in[0]); }});
    cases.push_back(
        {.op = "Size",
         .label = label,
         .inputs = {Uniform(shape)},
         .reference = [](Inputs in) { return Scalar(in[0].size()); }});
    cases.push_back(
        {.op = "Rank",
         .label = label,
         .inputs = {Uniform(shape)},
         .reference = [](Inputs in) { return Scalar(in[0].rank()); }});
  }
  cases.push_back({.op = "ShapeN",
                   .inputs = {Uniform("n,m"), Uniform(""), Uniform("k")},
                   .reference = [](Inputs in) {
                     return std::vector<Array>{ShapeOf(in[0]), ShapeOf(in[1]),
                                               ShapeOf(in[2])};
                   }});
  return cases;
}

}  // namespace trellis::testing
