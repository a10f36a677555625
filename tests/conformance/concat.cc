#include <string>
#include <utility>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

Shape WithDim(const Shape& shape, int axis, int64_t dim) {
  Shape y = shape;
  y.set_dim(axis, dim);
  return y;
}

// The part of x from `begin` on along an axis.
Array Part(const Array& x, int axis, int64_t begin, int64_t length) {
  return Array(x.dtype, WithDim(x.shape, axis, length), [&](Index i) {
    i[axis] += begin;
    return x.at(i);
  });
}

Array Concatenated(Inputs parts, int axis) {
  int64_t total = 0;
  for (const Array& part : parts) total += part.dim(axis);
  Array y(parts[0].dtype, WithDim(parts[0].shape, axis, total));
  int64_t begin = 0;
  for (const Array& part : parts) {
    ForEachIndex(part.shape, [&](Index i) {
      const double value = part.at(i);
      i[axis] += begin;
      y.at(i) = value;
    });
    begin += part.dim(axis);
  }
  return y;
}

std::vector<Array> SplitAt(const Array& x, int axis,
                           const std::vector<int64_t>& lengths) {
  std::vector<Array> parts;
  int64_t begin = 0;
  for (const int64_t length : lengths) {
    parts.push_back(Part(x, axis, begin, length));
    begin += length;
  }
  return parts;
}

// Along the axis, which `axis_value` may count from the end.
OpCase Concat(std::string label, std::vector<CaseInput> inputs, int axis,
              double axis_value) {
  inputs.push_back(Value(axis_value));
  return {.op = "ConcatV2",
          .label = std::move(label),
          .inputs = std::move(inputs),
          .reference = [axis](Inputs in) {
            return Concatenated(in.first(in.size() - 1), axis);
          }};
}

Results PackReference(Inputs in, int axis) {
  std::vector<int64_t> dims(in[0].shape.dims().begin(),
                            in[0].shape.dims().end());
  dims.insert(dims.begin() + axis, static_cast<int64_t>(in.size()));
  return Array(in[0].dtype, Shape(dims), [&](Index i) {
    const int64_t which = i[axis];
    i.erase(i.begin() + axis);
    return in[which].at(i);
  });
}

Results UnpackReference(Inputs in, int axis) {
  std::vector<int64_t> dims(in[0].shape.dims().begin(),
                            in[0].shape.dims().end());
  dims.erase(dims.begin() + axis);
  std::vector<Array> slices;
  for (int64_t which = 0; which < in[0].dim(axis); ++which) {
    slices.push_back(Array(in[0].dtype, Shape(dims), [&](Index i) {
      i.insert(i.begin() + axis, which);
      return in[0].at(i);
    }));
  }
  return slices;
}

void AddPacks(std::vector<OpCase>& cases, std::string label, int axis,
              int axis_attr) {
  cases.push_back(
      {.op = "Pack",
       .label = label,
       .inputs = {Uniform("n,m"), Uniform("n,m"), Uniform("n,m")},
       .attrs = {{"axis", axis_attr}},
       .reference = [axis](Inputs in) { return PackReference(in, axis); }});
  const char* const shapes[] = {"3,n,m", "n,3,m", "n,m,3"};
  cases.push_back(
      {.op = "Unpack",
       .label = label,
       .inputs = {Uniform(shapes[axis])},
       .attrs = {{"num", 3}, {"axis", axis_attr}},
       .reference = [axis](Inputs in) { return UnpackReference(in, axis); }});
}

OpCase Split(std::string label, std::string shape, int axis, int parts,
             double axis_value) {
  return {.op = "Split",
          .label = std::move(label),
          .inputs = {Value(axis_value), Uniform(std::move(shape))},
          .attrs = {{"num_split", parts}},
          .reference = [axis, parts](Inputs in) {
            return SplitAt(
                in[1], axis,
                std::vector<int64_t>(parts, in[1].dim(axis) / parts));
          }};
}

// Into 1, what is left, 2; -1 stands for what is left.
OpCase SplitV(std::string label, std::string shape, int axis, double middle) {
  return {.op = "SplitV",
          .label = std::move(label),
          .inputs = {Uniform(std::move(shape)), Values("3", {1, middle, 2}),
                     Value(axis)},
          .attrs = {{"num_split", 3}},
          .reference = [axis](Inputs in) {
            return SplitAt(in[0], axis, {1, in[0].dim(axis) - 3, 2});
          }};
}

Results ConcatOffsetReference(Inputs in) {
  const int64_t axis = in[0].integers()[0];
  std::vector<Array> offsets;
  double begin = 0;
  for (const Array& shape : in.subspan(1)) {
    Array offset(kInt32, shape.shape);
    offset[axis] = begin;
    begin += shape[axis];
    offsets.push_back(std::move(offset));
  }
  return offsets;
}

}  // namespace

std::vector<OpCase> ConcatCases() {
  std::vector<OpCase> cases = {
      Concat("Rows", {Uniform("n,m"), Uniform("2n,m"), Uniform("1,m")}, 0, 0),
      Concat("Columns", {Uniform("n,m"), Uniform("n,k")}, 1, 1),
      Concat("Last", {Uniform("2,n,m"), Uniform("2,n,1"), Uniform("2,n,3k")}, 2,
             -1),
      Concat("Vectors", {Uniform("n"), Uniform("m")}, 0, -1),
      Split("Rows", "2k,n", 0, 2, 0),
      Split("Columns", "n,3m", 1, 3, 1),
      Split("One", "n,m", 1, 1, -1),
      SplitV("Rows", "5,n", 0, 2),
      SplitV("Rest", "n,7", 1, -1),
      {.op = "ConcatOffset",
       .inputs = {Value(1), Values("3", {4, 5, 6}), Values("3", {4, 0, 6}),
                  Values("3", {4, 2, 6})},
       .reference = ConcatOffsetReference},
  };
  AddPacks(cases, "First", 0, 0);
  AddPacks(cases, "Middle", 1, 1);
  AddPacks(cases, "Last", 2, -1);
  return cases;
}

}  // namespace trellis::testing
