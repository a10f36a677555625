#include <utility>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

// The elements of input 0 under another shape.
OpCase Reshaped(std::string op, std::string label,
                std::vector<CaseInput> inputs,
                std::function<Shape(Inputs)> shape, AttrMap attrs = {}) {
  return {.op = std::move(op),
          .label = std::move(label),
          .inputs = std::move(inputs),
          .attrs = std::move(attrs),
          .reference = [shape = std::move(shape)](Inputs in) {
            return Array(in[0].dtype, shape(in), in[0].values);
          }};
}

Shape AsAsked(Inputs in) { return Shape(in[1].integers()); }

// A dimension of size 1 before dimension `axis`.
Shape Expanded(Inputs in, int axis) {
  std::vector<int64_t> dims(in[0].shape.dims().begin(),
                            in[0].shape.dims().end());
  dims.insert(dims.begin() + axis, 1);
  return Shape(dims);
}

std::vector<int64_t> ThoseNotOne(const Shape& shape) {
  std::vector<int64_t> dims;
  for (const int64_t dim : shape.dims()) {
    if (dim != 1) dims.push_back(dim);
  }
  return dims;
}

}  // namespace

std::vector<OpCase> ReshapeCases() {
  const auto squeeze = [](std::string label, std::string shape,
                          std::vector<int64_t> axes,
                          std::function<Shape(Inputs)> result) {
    return Reshaped("Squeeze", std::move(label), {Uniform(std::move(shape))},
                    std::move(result), {{"squeeze_dims", std::move(axes)}});
  };
  return {
      Reshaped("Reshape", "Swapped", {Uniform("n,m"), Dims("m,n")}, AsAsked),
      Reshaped("Reshape", "Split", {Uniform("n,2m"), Dims("n,2,1,m")}, AsAsked),
      Reshaped("Reshape", "ToScalar", {Uniform("1,1"), Dims("")}, AsAsked),
      Reshaped("Reshape", "Flat", {Uniform("n,m"), Values("1", {-1})},
               [](Inputs in) { return Shape{in[0].size()}; }),
      Reshaped("Reshape", "Inferred", {Uniform("n,2k"), Values("2", {2, -1})},
               [](Inputs in) {
                 return Shape{2, in[0].size() / 2};
               }),
      Reshaped("ExpandDims", "First", {Uniform("n,m"), Value(0)},
               [](Inputs in) { return Expanded(in, 0); }),
      Reshaped("ExpandDims", "Last", {Uniform("n,m"), Value(-1)},
               [](Inputs in) { return Expanded(in, 2); }),
      Reshaped("ExpandDims", "Scalar", {Uniform(""), Value(0)},
               [](Inputs in) { return Expanded(in, 0); }),
      squeeze("All", "n,1,m,1", {},
              [](Inputs in) { return Shape(ThoseNotOne(in[0].shape)); }),
      squeeze("Named", "1,n,1", {-1},
              [](Inputs in) {
                return Shape{1, in[0].dim(1)};
              }),
      squeeze("Two", "1,n,1", {0, 2},
              [](Inputs in) { return Shape{in[0].dim(1)}; }),
  };
}

}  // namespace trellis::testing
