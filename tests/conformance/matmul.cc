#include <string>

#include "absl/strings/str_cat.h"
#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

Results MatMulReference(Inputs in, bool transpose_a, bool transpose_b) {
  const auto a = [&](int64_t i, int64_t j) {
    return transpose_a ? in[0].at({j, i}) : in[0].at({i, j});
  };
  const auto b = [&](int64_t i, int64_t j) {
    return transpose_b ? in[1].at({j, i}) : in[1].at({i, j});
  };
  const int64_t rows = in[0].dim(transpose_a ? 1 : 0);
  const int64_t columns = in[1].dim(transpose_b ? 0 : 1);
  const int64_t depth = in[0].dim(transpose_a ? 0 : 1);
  return Array(in[0].dtype, {rows, columns}, [&](const Index& i) {
    double sum = 0;
    for (int64_t j = 0; j < depth; ++j) sum += a(i[0], j) * b(j, i[1]);
    return sum;
  });
}

// [rows, depth] times [depth, columns].
void AddProducts(std::vector<OpCase>& cases, const std::string& label,
                 const std::string& rows, const std::string& depth,
                 const std::string& columns) {
  for (const bool a : {false, true}) {
    for (const bool b : {false, true}) {
      cases.push_back(
          {.op = "MatMul",
           .label = absl::StrCat(label, a ? "T" : "", b ? "BT" : ""),
           .inputs = {Uniform(a ? depth + "," + rows : rows + "," + depth),
                      Uniform(b ? columns + "," + depth
                                : depth + "," + columns)},
           .attrs = {{"transpose_a", a}, {"transpose_b", b}},
           .reference = [a, b](Inputs in) { return MatMulReference(in, a, b); },
           // Of sums of products below 4.
           .tolerance = {.absolute_epsilons = 256}});
    }
  }
}

}  // namespace

std::vector<OpCase> MatMulCases() {
  std::vector<OpCase> cases;
  AddProducts(cases, "", "n", "k", "m");
  AddProducts(cases, "Empty", "k", "n", "m");
  AddProducts(cases, "Deep", "3", "301", "k");
  return cases;
}

}  // namespace trellis::testing
