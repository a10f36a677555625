#include <utility>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

// What one dimension of the input gives, after the masks: positions
// begin, begin + stride, ..., `count` of them.
struct Line {
  int64_t begin, stride, count;
};

// A slice in NumPy's notation and what it means for the shape it is meant for.
struct Slicing {
  const char* label;
  const char* shape;
  std::vector<double> begin, end, strides;
  AttrMap masks;
  std::vector<Line> lines;    // one for each dimension
  std::vector<int64_t> dims;  // of the result
};

Index Source(const std::vector<Line>& lines, const Index& position) {
  Index source;
  for (size_t d = 0; d < lines.size(); ++d) {
    source.push_back(lines[d].begin + position[d] * lines[d].stride);
  }
  return source;
}

Shape Counts(const std::vector<Line>& lines) {
  Shape counts = Shape::Scalar();
  for (const Line& line : lines) counts.push_back(line.count);
  return counts;
}

void AddSlicing(std::vector<OpCase>& cases, const Slicing& slicing) {
  const std::string spec_length = std::to_string(slicing.begin.size());
  const std::vector<CaseInput> spec = {Values(spec_length, slicing.begin),
                                       Values(spec_length, slicing.end),
                                       Values(spec_length, slicing.strides)};
  const Shape shape = Shape(slicing.dims);
  cases.push_back(
      {.op = "StridedSlice",
       .label = slicing.label,
       .inputs = {Uniform(slicing.shape), spec[0], spec[1], spec[2]},
       .attrs = slicing.masks,
       .reference = [lines = slicing.lines, shape](Inputs in) {
         const Array taken(in[0].dtype, Counts(lines), [&](const Index& i) {
           return in[0].at(Source(lines, i));
         });
         return Array(in[0].dtype, shape, taken.values);
       }});
  std::string dims;
  for (const int64_t dim : slicing.dims) {
    dims += (dims.empty() ? "" : ",") + std::to_string(dim);
  }
  cases.push_back({.op = "StridedSliceGrad",
                   .label = slicing.label,
                   .inputs = {Dims(slicing.shape), spec[0], spec[1], spec[2],
                              Uniform(dims)},
                   .attrs = slicing.masks,
                   .reference = [lines = slicing.lines](Inputs in) {
                     Array dx(in[4].dtype, Shape(in[0].integers()));
                     int64_t next = 0;
                     ForEachIndex(Counts(lines), [&](const Index& i) {
                       dx.at(Source(lines, i)) = in[4][next++];
                     });
                     return dx;
                   }});
}

}  // namespace

std::vector<OpCase> StridedSliceCases() {
  const std::vector<Slicing> slicings = {
      // x[1:4, 2:7:2]
      {"Steps",
       "5,8",
       {1, 2},
       {4, 7},
       {1, 2},
       {},
       {{1, 1, 3}, {2, 2, 3}},
       {3, 3}},
      // x[::-1, -2::-3]
      {"Backwards",
       "4,9",
       {0, -2},
       {0, 0},
       {-1, -3},
       {{"begin_mask", 1}, {"end_mask", 3}},
       {{3, -1, 4}, {7, -3, 3}},
       {4, 3}},
      // x[2]
      {"Row",
       "5,3",
       {2},
       {3},
       {1},
       {{"shrink_axis_mask", 1}},
       {{2, 1, 1}, {0, 1, 3}},
       {3}},
      // x[..., -1]
      {"LastOfEach",
       "2,3,4",
       {0, -1},
       {0, 0},
       {1, 1},
       {{"ellipsis_mask", 1}, {"shrink_axis_mask", 2}},
       {{0, 1, 2}, {0, 1, 3}, {3, 1, 1}},
       {2, 3}},
      // x[:, newaxis, 1:]
      {"NewAxis",
       "3,4",
       {0, 0, 1},
       {0, 0, 0},
       {1, 1, 1},
       {{"begin_mask", 1}, {"end_mask", 5}, {"new_axis_mask", 2}},
       {{0, 1, 3}, {1, 1, 3}},
       {3, 1, 3}},
      // x[3:1]
      {"Nothing", "4,2", {3}, {1}, {1}, {}, {{3, 1, 0}, {0, 1, 2}}, {0, 2}},
      // x[-100:100]
      {"BeyondTheEnds", "6", {-100}, {100}, {1}, {}, {{0, 1, 6}}, {6}},
      // x[1:2, 0]
      {"Mixed",
       "3,2,4",
       {1, 0},
       {2, 1},
       {1, 1},
       {{"shrink_axis_mask", 2}},
       {{1, 1, 1}, {0, 1, 1}, {0, 1, 4}},
       {1, 4}},
      {"Long",
       "1000,3",
       {1},
       {999},
       {2},
       {},
       {{1, 2, 499}, {0, 1, 3}},
       {499, 3}},
  };
  std::vector<OpCase> cases;
  for (const Slicing& slicing : slicings) AddSlicing(cases, slicing);
  return cases;
}

}  // namespace trellis::testing
