#include <utility>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

OpCase Tile(std::string label, std::string shape, CaseInput multiples) {
  return {.op = "Tile",
          .label = std::move(label),
          .inputs = {Uniform(std::move(shape)), std::move(multiples)},
          .reference = [](Inputs in) {
            Shape shape = in[0].shape;
            for (int i = 0; i < shape.rank(); ++i) {
              shape.set_dim(i, shape.dim(i) * in[1].integers()[i]);
            }
            return Array(in[0].dtype, shape, [&](Index i) {
              for (int d = 0; d < in[0].rank(); ++d) i[d] %= in[0].dim(d);
              return in[0].at(i);
            });
          }};
}

OpCase BroadcastTo(std::string label, std::string from, std::string to) {
  return {.op = "BroadcastTo",
          .label = std::move(label),
          .inputs = {Uniform(std::move(from)), Dims(std::move(to))},
          .reference = [](Inputs in) {
            return Array(in[0].dtype, Shape(in[1].integers()),
                         [&](const Index& i) {
                           Index own(i.end() - in[0].rank(), i.end());
                           for (int d = 0; d < in[0].rank(); ++d) {
                             if (in[0].dim(d) == 1) own[d] = 0;
                           }
                           return in[0].at(own);
                         });
          }};
}

}  // namespace

std::vector<OpCase> TileCases() {
  return {
      Tile("Rows", "n,m", Values("2", {2, 1})),
      Tile("Columns", "n,m", Values("2", {1, 3})),
      Tile("Rank3", "n,m,2", Values("3", {2, 1, 2})),
      Tile("Bound", "1,m", Dims("n,1")),
      Tile("Nothing", "k,2", Values("2", {1, 0})),
      Tile("Scalar", "", Dims("")),
      BroadcastTo("Row", "m", "n,m"),
      BroadcastTo("Column", "n,1", "n,m"),
      BroadcastTo("Scalar", "", "n,k"),
      BroadcastTo("Both", "n,1,m", "2,n,k,m"),
      BroadcastTo("Same", "n,m", "n,m"),
  };
}

}  // namespace trellis::testing
