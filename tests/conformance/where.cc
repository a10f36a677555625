#include <utility>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

Results Positions(Inputs in) {
  std::vector<double> positions;
  int64_t count = 0;
  ForEachIndex(in[0].shape, [&](const Index& i) {
    if (in[0].at(i) == 0) return;
    ++count;
    positions.insert(positions.end(), i.begin(), i.end());
  });
  return Array(kInt64, {count, in[0].rank()}, std::move(positions));
}

OpCase Where(std::string label, CaseInput x) {
  return {.op = "Where",
          .label = std::move(label),
          .inputs = {std::move(x)},
          .reference = Positions};
}

// Some indices are outside of [0, 3); "axis" is that of the new dimension.
OpCase OneHot(std::string label, std::string shape, int axis, int axis_attr) {
  return {.op = "OneHot",
          .label = std::move(label),
          .inputs = {Integers(std::move(shape), -1, 3), Values("", {3}),
                     Values("", {1}), Values("", {0})},
          .attrs = {{"axis", axis_attr}},
          .reference = [axis](Inputs in) {
            std::vector<int64_t> dims(in[0].shape.dims().begin(),
                                      in[0].shape.dims().end());
            dims.insert(dims.begin() + axis, 3);
            return Array(in[2].dtype, Shape(dims), [&](Index i) {
              const double position = static_cast<double>(i[axis]);
              i.erase(i.begin() + axis);
              return in[0].at(i) == position ? in[2][0] : in[3][0];
            });
          }};
}

}  // namespace

std::vector<OpCase> WhereCases() {
  return {
      Where("Matrix", Integers("n,m", 0, 1)),
      Where("Rank3", Integers("n,m,k", 0, 2)),
      Where("Vector", Integers("n", 0, 1)),
      Where("NoneTrue", Integers("n,m", 0, 0)),
      OneHot("Last", "n,m", 2, -1),
      OneHot("First", "n,m", 0, 0),
      OneHot("Middle", "n,m", 1, 1),
      OneHot("Scalar", "", 0, -1),
  };
}

}  // namespace trellis::testing
