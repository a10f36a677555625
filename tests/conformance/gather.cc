#include <algorithm>
#include <utility>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

Shape Joined(std::initializer_list<absl::Span<const int64_t>> parts) {
  Shape shape = Shape::Scalar();
  for (const auto& part : parts) {
    for (const int64_t dim : part) shape.push_back(dim);
  }
  return shape;
}

// Slices of params along an axis, in place of whose position stands that in
// the indices.
Array Gathered(const Array& params, const Array& indices, int axis) {
  const auto dims = params.shape.dims();
  return Array(
      params.dtype,
      Joined({dims.first(axis), indices.shape.dims(), dims.subspan(axis + 1)}),
      [&](const Index& i) {
        const auto first = i.begin() + axis;
        const auto last = first + indices.rank();
        Index from(i.begin(), first);
        from.push_back(static_cast<int64_t>(indices.at(Index(first, last))));
        from.insert(from.end(), last, i.end());
        return params.at(from);
      });
}

OpCase GatherV2(std::string label, std::string params, CaseInput indices,
                int axis, double axis_value) {
  return {
      .op = "GatherV2",
      .label = std::move(label),
      .inputs = {Uniform(std::move(params)), std::move(indices),
                 Value(axis_value)},
      .reference = [axis](Inputs in) { return Gathered(in[0], in[1], axis); }};
}

// TensorFlow's gradient along an axis other than 0, which ours is, is none for
// empty tensors.
OpCase NoGradient(OpCase op_case) {
  op_case.gradient_outputs = std::vector<int>();
  return op_case;
}

Results SegmentSums(Inputs in) {
  const Array &data = in[0], &ids = in[1];
  const int64_t segments = in[2].integers()[0];
  Array y(data.dtype,
          Joined({{segments}, data.shape.dims().subspan(ids.rank())}));
  ForEachIndex(data.shape, [&](const Index& i) {
    const auto split = i.begin() + ids.rank();
    const double id = ids.at(Index(i.begin(), split));
    if (id < 0) return;
    Index to(split, i.end());
    to.insert(to.begin(), static_cast<int64_t>(id));
    y.at(to) += data.at(i);
  });
  return y;
}

// The size k, as a scalar.
CaseInput K() {
  CaseInput k = Generated(
      "", [](const Element& e) { return static_cast<double>(e.sizes.k); });
  k.parameter = true;
  return k;
}

OpCase SegmentSum(std::string label, std::string data, CaseInput ids,
                  CaseInput segments) {
  return {
      .op = "UnsortedSegmentSum",
      .label = std::move(label),
      .inputs = {Uniform(std::move(data)), std::move(ids), std::move(segments)},
      .reference = SegmentSums,
      .tolerance = {.absolute_epsilons = 4096}};
}

// in: N indices, then N data.
Results Stitched(Inputs in) {
  const size_t n = in.size() / 2;
  double largest = -1;
  for (size_t p = 0; p < n; ++p) {
    for (const double i : in[p].values) largest = std::max(largest, i);
  }
  Array y(in[n].dtype, Joined({{static_cast<int64_t>(largest) + 1},
                               in[n].shape.dims().subspan(in[0].rank())}));
  for (size_t p = 0; p < n; ++p) {
    const Array &indices = in[p], &data = in[n + p];
    ForEachIndex(data.shape, [&](const Index& i) {
      const auto split = i.begin() + indices.rank();
      Index to(split, i.end());
      to.insert(to.begin(),
                static_cast<int64_t>(indices.at(Index(i.begin(), split))));
      y.at(to) = data.at(i);
    });
  }
  return y;
}

}  // namespace

std::vector<OpCase> GatherCases() {
  return {
      {.op = "Gather",
       .inputs = {Uniform("k,n"), BelowK("m")},
       .reference = [](Inputs in) { return Gathered(in[0], in[1], 0); }},
      GatherV2("Rows", "k,n", BelowK("m"), 0, 0),
      GatherV2("Columns", "2k,k", BelowK("2,k"), 1, -1),
      GatherV2("Middle", "3,k,k", BelowK("3"), 1, 1),
      NoGradient(GatherV2("ColumnsOfAny", "n,k", BelowK("2,m"), 1, -1)),
      GatherV2("OneRow", "k,n", BelowK(""), 0, 0),
      SegmentSum("Rows", "n,m", BelowK("n"), K()),
      SegmentSum("Scalars", "n,m", BelowK("n,m"), K()),
      SegmentSum("LeftOut", "n,m", Integers("n", -1, 3), Values("", {5})),
      {.op = "DynamicStitch",
       .label = "Vectors",
       .inputs = {Values("3", {5, 0, 2}), Values("2", {1, 3}), Uniform("3,n"),
                  Uniform("2,n")},
       .attrs = {{"N", 2}},
       .reference = Stitched},
      {.op = "DynamicStitch",
       .label = "Mixed",
       .inputs = {Values("", {1}), Values("2,1", {2, 0}), Uniform("n,2"),
                  Uniform("2,1,n,2")},
       .attrs = {{"N", 2}},
       .reference = Stitched},
  };
}

}  // namespace trellis::testing
