#include "trellis/graph/indexed_slices.h"

#include "absl/strings/str_cat.h"
#include "trellis/graph/op_builder.h"
#include "trellis/graph/tensor.h"

namespace trellis {
namespace {

// shape[0], written as TensorFlow writes an index in Python.
Output FirstDimension(const Scope& scope, Output shape,
                      SourceLocation location) {
  const Scope slice = scope.NameScope("strided_slice");
  const Output begin =
      Constant(slice, Tensor::Of<int32_t>({0}), "stack", location);
  const Output end =
      Constant(slice, Tensor::Of<int32_t>({1}), "stack_1", location);
  const Output strides =
      Constant(slice, Tensor::Of<int32_t>({1}), "stack_2", location);
  return Emit(slice, "StridedSlice", {shape, begin, end, strides},
              {{"shrink_axis_mask", 1}}, slice.path(), location);
}

}  // namespace

Output Densify(const Scope& scope, const IndexedSlices& slices,
               absl::string_view name, SourceLocation location) {
  if (!slices.dense_shape) {
    const absl::Status error = absl::InvalidArgumentError(absl::StrCat(
        "the slices ", slices.values.name(),
        " cannot become a dense tensor: their dense shape is not known"));
    return scope.graph().AddError(error)->output();
  }
  const Output rows = FirstDimension(scope, slices.dense_shape, location);
  return Emit(scope, "UnsortedSegmentSum",
              {slices.values, slices.indices, rows}, {}, name, location);
}

}  // namespace trellis
