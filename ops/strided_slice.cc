// Slices as NumPy writes them: x[1:-1, ..., ::2, 3]. What they take is worked
// out by graph/strided_slice.h.
#include "trellis/graph/strided_slice.h"

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/gradient_context.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"
#include "trellis/ops/gradient_nodes.h"
#include "trellis/ops/partial_values.h"

namespace trellis {
namespace {

StridedSliceMasks MasksOf(const ShapeContext& c) {
  return {.begin = c.attr<int64_t>("begin_mask"),
          .end = c.attr<int64_t>("end_mask"),
          .ellipsis = c.attr<int64_t>("ellipsis_mask"),
          .new_axis = c.attr<int64_t>("new_axis_mask"),
          .shrink_axis = c.attr<int64_t>("shrink_axis_mask")};
}

// The slice of a tensor of shape x that begin, end and strides, inputs 1 to 3,
// name; nullopt if not even its rank is known.
absl::StatusOr<std::optional<StridedSlice>> SliceOf(ShapeContext& c,
                                                    const Shape& x) {
  Shape length = Shape::OfRank(1);
  for (int i = 1; i <= 3; ++i) {
    TRELLIS_ASSIGN_OR_RETURN(length, c.Merge(length, c.input(i)));
  }
  std::optional<PartialValue> bounds[3];
  for (int i = 0; i < 3; ++i) {
    bounds[i] = c.partial_input(i + 1);
    if (!bounds[i].has_value()) continue;
    TRELLIS_ASSIGN_OR_RETURN(length, c.Merge(length, bounds[i]->shape));
  }
  if (!x.known_rank() || length.dim(0) == kUnknownDim) {
    return std::optional<StridedSlice>();
  }
  if (length.dim(0) > kMaxRank) {
    return absl::InvalidArgumentError("begin has too many elements");
  }
  for (std::optional<PartialValue>& bound : bounds) {
    if (bound.has_value()) continue;
    bound.emplace().elements.resize(length.dim(0));
  }
  TRELLIS_ASSIGN_OR_RETURN(
      StridedSlice slice,
      ResolveStridedSlice(x, bounds[0]->elements, bounds[1]->elements,
                          bounds[2]->elements, MasksOf(c)));
  return std::optional<StridedSlice>(std::move(slice));
}

absl::Status StridedSliceShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(const std::optional<StridedSlice> slice,
                           SliceOf(c, c.input(0)));
  return c.SetOutput(0, slice.has_value() ? slice->shape : Shape::Unknown());
}

std::optional<PartialValue> StridedSliceValue(ShapeContext& c) {
  const std::optional<PartialValue> x = KnownElements(c, 0);
  if (!x.has_value() || x->shape.rank() != 1) return std::nullopt;
  for (int i = 1; i <= 3; ++i) {
    const std::optional<PartialValue> bound = c.partial_input(i);
    if (!bound.has_value() || !bound->fully_known()) return std::nullopt;
  }
  const auto slice = SliceOf(c, x->shape);
  if (!slice.ok() || !slice->has_value()) return std::nullopt;
  const Shape& shape = (*slice)->shape;
  if (shape.rank() > 1 || !shape.fully_defined()) return std::nullopt;
  const StridedSlice::Range& range = (*slice)->ranges[0];
  PartialValue value{.shape = shape};
  for (int64_t i = 0; i < range.size; ++i) {
    value.elements.push_back(x->elements[range.begin + i * range.stride]);
  }
  return value;
}

std::vector<AttrSchema> StridedSliceAttrs() {
  return {TypeAttr("T"),
          TypeAttr("Index", kIndexTypes),
          IntAttr("begin_mask", 0),
          IntAttr("end_mask", 0),
          IntAttr("ellipsis_mask", 0),
          IntAttr("new_axis_mask", 0),
          IntAttr("shrink_axis_mask", 0)};
}

// The masks, for a node that takes the same slice.
AttrMap MaskAttrs(const GradientContext& g) {
  AttrMap attrs;
  for (const char* name : {"begin_mask", "end_mask", "ellipsis_mask",
                           "new_axis_mask", "shrink_axis_mask"}) {
    attrs.emplace_back(name, g.attr<int64_t>(name));
  }
  return attrs;
}

absl::Status StridedSliceGradient(GradientContext& g) {
  const Output shape = ShapeAs(g, g.input(0), g.input(1).dtype());
  g.set_input_grad(
      0, g.Emit("StridedSliceGrad",
                {shape, g.input(1), g.input(2), g.input(3), g.output_grad(0)},
                MaskAttrs(g)));
  return g.status();
}

OpSchema StridedSliceOp() {
  return {
      .name = "StridedSlice",
      .doc =
          "input[begin:end:strides], as NumPy slices.\n\n"
          "Bit i of a mask is about element i of begin, end and strides: "
          "begin or end ignored, an ellipsis, a new axis of size 1, or a "
          "single index whose dimension goes away.",
      .inputs = {{"input", "T"},
                 {"begin", "Index"},
                 {"end", "Index"},
                 {"strides", "Index"}},
      .outputs = {{"output", "T"}},
      .attrs = StridedSliceAttrs(),
      .shape = StridedSliceShape,
      .value = StridedSliceValue,
      .gradient = StridedSliceGradient,
  };
}

absl::Status StridedSliceGradShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(Shape x, SizesInput(c, 0));
  TRELLIS_ASSIGN_OR_RETURN(const std::optional<StridedSlice> slice,
                           SliceOf(c, x));
  if (slice.has_value()) {
    TRELLIS_RETURN_IF_ERROR(c.Merge(c.input(4), slice->shape).status());
  }
  return c.SetOutput(0, std::move(x));
}

absl::Status StridedSliceGradGradient(GradientContext& g) {
  g.set_input_grad(
      4, g.Emit("StridedSlice",
                {g.output_grad(0), g.input(1), g.input(2), g.input(3)},
                MaskAttrs(g)));
  return g.status();
}

OpSchema StridedSliceGrad() {
  return {
      .name = "StridedSliceGrad",
      .doc =
          "The gradient of StridedSlice: zeros of the given shape with dy "
          "where the slice was taken.",
      .inputs = {{"shape", "Index"},
                 {"begin", "Index"},
                 {"end", "Index"},
                 {"strides", "Index"},
                 {"dy", "T"}},
      .outputs = {{"output", "T"}},
      .attrs = StridedSliceAttrs(),
      .shape = StridedSliceGradShape,
      .gradient = StridedSliceGradGradient,
  };
}

}  // namespace

void RegisterStridedSliceOps(OpRegistry& registry) {
  registry.Add(StridedSliceOp());
  registry.Add(StridedSliceGrad());
}

}  // namespace trellis
