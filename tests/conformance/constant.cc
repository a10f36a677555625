#include <utility>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

OpCase Filled(std::string label, std::string dims) {
  return {.op = "Fill",
          .label = std::move(label),
          .inputs = {Dims(std::move(dims)), Uniform("", 1, 2)},
          .reference = [](Inputs in) {
            const double value = in[1][0];
            return Array(in[1].dtype, Shape(in[0].integers()),
                         [value](const Index&) { return value; });
          }};
}

// All elements `value`, in the shape of the input.
OpCase Like(std::string op, double value) {
  return {.op = std::move(op),
          .inputs = {Uniform("n,m")},
          .reference = [value](Inputs in) {
            return Array(in[0].dtype, in[0].shape,
                         [value](const Index&) { return value; });
          }};
}

// `length` numbers.
OpCase Range(std::string label, double start, double limit, double delta,
             int64_t length, DTypeSet dtypes = {}) {
  return {.op = "Range",
          .label = std::move(label),
          .inputs = {Value(start), Value(limit), Value(delta)},
          .reference =
              [length](Inputs in) {
                const double start = in[0][0], delta = in[2][0];
                return Array(in[0].dtype, {length}, [=](const Index& i) {
                  return start + delta * static_cast<double>(i[0]);
                });
              },
          .dtypes = dtypes};
}

}  // namespace

std::vector<OpCase> ConstantCases() {
  return {
      Filled("Matrix", "n,m"),
      Filled("Scalar", ""),
      Filled("Rank3", "2,n,k"),
      Like("OnesLike", 1),
      Like("ZerosLike", 0),
      Range("Up", 2, 11, 3, 3),
      Range("UpToLimit", 0, 12, 4, 3),
      Range("Down", 7, -2, -2, 5),
      Range("Empty", 3, 3, 1, 0),
      Range("Long", 0, 40000, 1, 40000),
      Range("Fractions", 0.5, 2, 0.25, 6, {kFloat32, kFloat64}),
  };
}

}  // namespace trellis::testing
