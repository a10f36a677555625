#include <utility>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

OpCase Slice(std::string label, std::string shape, std::vector<double> begin,
             std::vector<double> size) {
  const std::string rank = std::to_string(begin.size());
  return {.op = "Slice",
          .label = std::move(label),
          .inputs = {Uniform(std::move(shape)), Values(rank, std::move(begin)),
                     Values(rank, std::move(size))},
          .reference = [](Inputs in) {
            const std::vector<int64_t> begin = in[1].integers();
            std::vector<int64_t> size = in[2].integers();
            for (int i = 0; i < in[0].rank(); ++i) {
              if (size[i] < 0) size[i] = in[0].dim(i) - begin[i];
            }
            return Array(in[0].dtype, Shape(size), [&](Index i) {
              for (size_t d = 0; d < i.size(); ++d) i[d] += begin[d];
              return in[0].at(i);
            });
          }};
}

OpCase Pad(std::string label, std::string shape, std::vector<double> paddings) {
  const std::string rank = std::to_string(paddings.size() / 2);
  return {.op = "Pad",
          .label = std::move(label),
          .inputs = {Uniform(std::move(shape)),
                     Values(rank + ",2", std::move(paddings))},
          .reference = [](Inputs in) {
            const std::vector<int64_t> paddings = in[1].integers();
            Shape shape = in[0].shape;
            for (int i = 0; i < shape.rank(); ++i) {
              shape.set_dim(
                  i, shape.dim(i) + paddings[2 * i] + paddings[2 * i + 1]);
            }
            Array y(in[0].dtype, shape);
            ForEachIndex(in[0].shape, [&](Index i) {
              const double value = in[0].at(i);
              for (size_t d = 0; d < i.size(); ++d) i[d] += paddings[2 * d];
              y.at(i) = value;
            });
            return y;
          }};
}

}  // namespace

std::vector<OpCase> SliceCases() {
  return {
      Slice("Whole", "n,m", {0, 0}, {-1, -1}),
      Slice("Rest", "k,n", {1, 0}, {-1, -1}),
      Slice("Block", "5,7,n", {1, 2, 0}, {3, 4, -1}),
      Slice("Inside", "9,6", {4, 1}, {2, 3}),
      Slice("Nothing", "k,4", {0, 2}, {-1, 0}),
      Slice("Vector", "300", {7}, {290}),
      Pad("Matrix", "n,m", {1, 2, 0, 3}),
      Pad("Nothing", "n,m", {0, 0, 0, 0}),
      Pad("Before", "n,k,2", {2, 0, 1, 0, 1, 0}),
      Pad("Vector", "n", {3, 4}),
      Pad("Scalar", "", {}),
  };
}

}  // namespace trellis::testing
