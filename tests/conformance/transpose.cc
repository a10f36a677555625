#include <utility>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

OpCase Transpose(std::string label, std::string shape,
                 std::vector<double> perm) {
  const std::string rank = std::to_string(perm.size());
  return {.op = "Transpose",
          .label = std::move(label),
          .inputs = {Uniform(std::move(shape)), Values(rank, std::move(perm))},
          .reference = [](Inputs in) {
            const std::vector<int64_t> perm = in[1].integers();
            Shape shape = Shape::Scalar();
            for (const int64_t axis : perm) {
              shape.push_back(in[0].dim(static_cast<int>(axis)));
            }
            return Array(in[0].dtype, shape, [&](const Index& i) {
              Index from(i.size());
              for (size_t d = 0; d < i.size(); ++d) from[perm[d]] = i[d];
              return in[0].at(from);
            });
          }};
}

}  // namespace

std::vector<OpCase> TransposeCases() {
  CaseInput permutation = Generated("k", [](const Element& e) {
    return static_cast<double>((e.position * 2 + 1) % e.count);
  });
  permutation.parameter = true;
  return {
      Transpose("Matrix", "n,m", {1, 0}),
      Transpose("Unchanged", "n,m", {0, 1}),
      Transpose("Batch", "n,m,k", {0, 2, 1}),
      Transpose("Rotated", "n,m,k", {2, 0, 1}),
      Transpose("ChannelsFirst", "n,m,2,k", {0, 3, 1, 2}),
      Transpose("Scalar", "", {}),
      // All k are odd, so steps of 2 meet every number once.
      {.op = "InvertPermutation",
       .inputs = {permutation},
       .reference =
           [](Inputs in) {
             Array y = in[0];
             for (int64_t i = 0; i < y.size(); ++i) {
               y[in[0].integers()[i]] = static_cast<double>(i);
             }
             return y;
           }},
  };
}

}  // namespace trellis::testing
