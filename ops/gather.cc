// Rows by number: gathering them, summing them into segments, stitching.
#include <algorithm>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/gradient_context.h"
#include "trellis/graph/infer_shapes.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"
#include "trellis/ops/gradient_nodes.h"
#include "trellis/ops/partial_values.h"

namespace trellis {
namespace {

// params[:axis] + indices[batch_dims:] + params[axis + 1:]
absl::StatusOr<Shape> GatheredShape(ShapeContext& c, const Shape& params,
                                    const Shape& indices, int axis,
                                    int batch_dims) {
  Shape y = Shape::Scalar();
  for (int i = 0; i < axis; ++i) {
    int64_t dim = params.dim(i);
    if (i < batch_dims) {
      TRELLIS_ASSIGN_OR_RETURN(
          dim, c.Expect(absl::StrCat("batch dimension ", i, " of indices"),
                        indices.dim(i), dim));
    }
    y.push_back(dim);
  }
  for (int i = batch_dims; i < indices.rank(); ++i) y.push_back(indices.dim(i));
  for (int i = axis + 1; i < params.rank(); ++i) y.push_back(params.dim(i));
  return Shape::Make(y.dims());
}

absl::Status GatherShape(ShapeContext& c) {
  const Shape &params = c.input(0), &indices = c.input(1);
  TRELLIS_RETURN_IF_ERROR(c.ExpectRankAtLeast(params, 1));
  if (!params.known_rank() || !indices.known_rank()) {
    return c.SetOutput(0, Shape::Unknown());
  }
  TRELLIS_ASSIGN_OR_RETURN(Shape y, GatheredShape(c, params, indices, 0, 0));
  return c.SetOutput(0, std::move(y));
}

// ---- gradients of gathers

// The shape of params as int32, made where params are.
Output ShapeOfParams(GradientContext& g) {
  const Output params = g.input(0);
  const auto place = g.ColocateWith(params);
  return g.Emit("Cast", {ShapeAs(g, params, kInt64)}, {{"DstT", kInt32}});
}

// The number of indices, as a vector of one element.
Output CountOfIndices(GradientContext& g) {
  return g.Emit("ExpandDims", {SizeOf(g, g.input(1)), 0});
}

// Rows of dy belong to the rows of params that the indices name.
absl::Status GatherGradient(GradientContext& g) {
  const Output shape = ShapeOfParams(g);
  const Output count = CountOfIndices(g);
  const Output row = SliceVector(g, shape, {1}, {0}, {{"end_mask", 1}});
  const Output values_shape = g.Emit("ConcatV2", {count, row, 0}, {}, "concat");
  const Output values = g.Emit("Reshape", {g.output_grad(0), values_shape});
  const Output indices = g.Emit("Reshape", {g.input(1), count});
  g.set_input_grad_slices(
      0, {.values = values, .indices = indices, .dense_shape = shape});
  return g.status();
}

// Moves the gathered axis of dy to the front, sums its slices into rows of
// params, and moves the axis back.
absl::Status GatherAxisGradient(GradientContext& g) {
  const Output axis = AsInt32(g, g.input(2));
  const Output shape = ShapeOfParams(g);
  CountOfIndices(g);  // stays unused, as in TensorFlow
  const Output outer =
      SliceVector(g, shape, {0}, {.scalar = axis}, {{"begin_mask", 1}});
  const Output from_axis =
      SliceVector(g, shape, {.scalar = axis}, {0}, {{"end_mask", 1}});
  const Output inner = SliceVector(g, from_axis, {1}, {0}, {{"end_mask", 1}});
  const Output values_shape = g.Emit(
      "ConcatV2", {outer, Tensor::Of<int32_t>({-1}), inner, 0}, {}, "concat");
  const Output values_rank = SizeOf(g, values_shape);
  const Output outer_rank = SizeOf(g, outer);
  const Output batch_axes = g.Emit("Range", {0, 0, 1}, {}, "range");
  const Output outer_axes = g.Emit("Range", {0, outer_rank, 1}, {}, "range");
  const Output first_inner = g.Emit("AddV2", {outer_rank, 1}, {}, "add");
  const Output inner_axes =
      g.Emit("Range", {first_inner, values_rank, 1}, {}, "range");
  const Output values = g.Emit("Reshape", {g.output_grad(0), values_shape});
  const Output to_front = [&] {
    const auto scope = g.NameScope("concat");
    const Output gathered = g.Emit("Pack", {outer_rank}, {}, "values_1");
    return g.Emit("ConcatV2", {batch_axes, gathered, outer_axes, inner_axes, 0},
                  {}, g.scope().path());
  }();
  const Output rows = g.Emit("Transpose", {values, to_front}, {}, "transpose");
  const Output behind = g.Emit("AddV2", {axis, 1}, {}, "add");
  const Output limit =
      SliceVector(g, shape, {.scalar = axis}, {.scalar = behind},
                  {{"shrink_axis_mask", 1}});
  const Output indices = g.Emit("Reshape", {g.input(1), CountOfIndices(g)});
  const Output sums = g.Emit("UnsortedSegmentSum", {rows, indices, limit});
  const Output shifted = g.Emit("AddV2", {outer_axes, 1}, {}, "add");
  const Output back =
      g.Emit("ConcatV2",
             {batch_axes, shifted, Tensor::Of<int32_t>({0}), inner_axes, 0}, {},
             "concat");
  g.set_input_grad(0, g.Emit("Transpose", {sums, back}, {}, "transpose"));
  return g.status();
}

absl::Status GatherV2Gradient(GradientContext& g) {
  if (g.attr<int64_t>("batch_dims") != 0) {
    return absl::UnimplementedError(
        absl::StrCat("the gradient of ", g.node().DebugName(),
                     " is there for batch_dims = 0 only"));
  }
  const std::optional<Tensor> axis = ConstantValue(g.input(2));
  return axis.has_value() && IntegersOf(*axis)[0] == 0 ? GatherGradient(g)
                                                       : GatherAxisGradient(g);
}

OpSchema Gather() {
  return {
      .name = "Gather",
      .doc = "The slices of params along its first axis that indices name.",
      .inputs = {{"params", "Tparams"}, {"indices", "Tindices"}},
      .outputs = {{"output", "Tparams"}},
      .attrs = {BoolAttr("validate_indices", true), TypeAttr("Tparams"),
                TypeAttr("Tindices", kIndexTypes)},
      .shape = GatherShape,
      .gradient = GatherGradient,
  };
}

absl::Status GatherV2Shape(ShapeContext& c) {
  const Shape &params = c.input(0), &indices = c.input(1);
  TRELLIS_RETURN_IF_ERROR(c.ExpectRankAtLeast(params, 1));
  TRELLIS_RETURN_IF_ERROR(c.ExpectRank(2, 0).status());
  TRELLIS_ASSIGN_OR_RETURN(const std::optional<int> axis,
                           AxisInput(c, 2, params.rank()));
  if (!indices.known_rank() || !params.known_rank()) {
    return c.SetOutput(0, Shape::Unknown());
  }
  int64_t batch_dims = c.attr<int64_t>("batch_dims");
  if (batch_dims < 0) batch_dims += indices.rank();
  if (batch_dims < 0 || batch_dims > indices.rank() ||
      batch_dims > params.rank() || batch_dims > axis.value_or(kMaxRank)) {
    return absl::InvalidArgumentError(
        absl::StrCat("batch_dims is ", c.attr<int64_t>("batch_dims"),
                     ", indices have shape ", indices.ToString(), ", params ",
                     params.ToString(), ": too many"));
  }
  if (!axis.has_value()) {
    return c.SetOutput(
        0, Shape::OfRank(static_cast<int>(params.rank() - 1 + indices.rank() -
                                          batch_dims)));
  }
  TRELLIS_ASSIGN_OR_RETURN(
      Shape y,
      GatheredShape(c, params, indices, *axis, static_cast<int>(batch_dims)));
  return c.SetOutput(0, std::move(y));
}

std::optional<PartialValue> GatherV2Value(ShapeContext& c) {
  const std::optional<PartialValue> params = c.partial_input(0);
  const std::optional<PartialValue> indices = c.partial_input(1);
  if (!params.has_value() || !indices.has_value() ||
      params->shape.rank() != 1 || !indices->fully_known() ||
      c.attr<int64_t>("batch_dims") != 0) {
    return std::nullopt;
  }
  PartialValue value{.shape = indices->shape};
  for (const std::optional<int64_t>& index : indices->elements) {
    if (*index < 0 || *index >= params->elements.size()) return std::nullopt;
    value.elements.push_back(params->elements[*index]);
  }
  return value;
}

OpSchema GatherV2() {
  return {
      .name = "GatherV2",
      .doc =
          "The slices of params along axis that indices name.\n\n"
          "The first batch_dims dimensions of params and indices run in "
          "parallel.",
      .inputs = {{"params", "Tparams"},
                 {"indices", "Tindices"},
                 {"axis", "Taxis"}},
      .outputs = {{"output", "Tparams"}},
      .attrs = {IntAttr("batch_dims", 0), TypeAttr("Tparams"),
                TypeAttr("Tindices", kIndexTypes),
                TypeAttr("Taxis", kIndexTypes)},
      .shape = GatherV2Shape,
      .value = GatherV2Value,
      .gradient = GatherV2Gradient,
  };
}

absl::Status UnsortedSegmentSumShape(ShapeContext& c) {
  const Shape &data = c.input(0), &ids = c.input(1);
  TRELLIS_ASSIGN_OR_RETURN(const std::optional<int64_t> segments,
                           c.integer_input(2));
  if (segments.value_or(0) < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("num_segments is ", *segments, ", must not be negative"));
  }
  if (!data.known_rank() || !ids.known_rank()) {
    return c.SetOutput(0, Shape::Unknown());
  }
  TRELLIS_RETURN_IF_ERROR(c.ExpectRankAtMost(ids, data.rank()));
  Shape y{segments.value_or(kUnknownDim)};
  for (int i = 0; i < data.rank(); ++i) {
    if (i >= ids.rank()) {
      y.push_back(data.dim(i));
    } else {
      TRELLIS_RETURN_IF_ERROR(
          c.Expect(absl::StrCat("dimension ", i, " of segment_ids"), ids.dim(i),
                   data.dim(i))
              .status());
    }
  }
  TRELLIS_ASSIGN_OR_RETURN(y, Shape::Make(y.dims()));
  return c.SetOutput(0, std::move(y));
}

// dy[ids], and 0 for the slices whose ids are negative.
absl::Status UnsortedSegmentSumGradient(GradientContext& g) {
  const Output ids = g.input(1);
  const Output clipped = g.Emit("Maximum", {ids, g.ZerosLike(ids)});
  const Output gathered = g.Emit("GatherV2", {g.output_grad(0), clipped, 0});
  Output kept = g.Emit("GreaterEqual", {ids, 0});
  if (!gathered.shape().known_rank() || !kept.shape().known_rank()) {
    return absl::UnimplementedError(
        absl::StrCat("the gradient of ", g.node().DebugName(),
                     " needs tensors of known rank"));
  }
  for (int i = kept.shape().rank(); i < gathered.shape().rank(); ++i) {
    kept = g.Emit("ExpandDims", {kept, -1});
  }
  const Output all = [&] {
    const auto scope = g.NameScope("ones_like");
    const Output shape = g.ShapeOf(gathered);
    const Output yes = g.Constant(Tensor::Scalar(true));
    return g.Emit("Fill", {shape, yes}, {}, g.scope().path());
  }();
  kept = g.Emit("LogicalAnd", {kept, all}, {}, "and");
  g.set_input_grad(0,
                   g.Emit("Select", {kept, gathered, g.ZerosLike(gathered)}));
  return g.status();
}

OpSchema UnsortedSegmentSum() {
  return {
      .name = "UnsortedSegmentSum",
      .doc =
          "output[i] is the sum of the slices of data whose segment id is "
          "i.\n\nSlices with negative ids are left out; segments without "
          "slices are 0.",
      .inputs = {{"data", "T"},
                 {"segment_ids", "Tindices"},
                 {"num_segments", "Tnumsegments"}},
      .outputs = {{"output", "T"}},
      .attrs = {TypeAttr("T", kNumberTypes), TypeAttr("Tindices", kIndexTypes),
                TypeAttr("Tnumsegments", kIndexTypes, kInt32)},
      .shape = UnsortedSegmentSumShape,
      .gradient = UnsortedSegmentSumGradient,
  };
}

// ---- DynamicStitch: inputs are N index tensors, then N data tensors.

// What follows the indices' dimensions in each data tensor.
absl::StatusOr<Shape> StitchedSuffix(ShapeContext& c) {
  const int n = c.num_inputs() / 2;
  Shape suffix;
  for (int i = 0; i < n; ++i) {
    const Shape &indices = c.input(i), &data = c.input(n + i);
    if (!indices.known_rank() || !data.known_rank()) continue;
    TRELLIS_RETURN_IF_ERROR(c.ExpectRankAtLeast(data, indices.rank()));
    const auto split = data.dims().begin() + indices.rank();
    TRELLIS_RETURN_IF_ERROR(
        c.Merge(indices, Shape(absl::MakeSpan(data.dims().begin(), split)))
            .status());
    TRELLIS_ASSIGN_OR_RETURN(
        suffix,
        c.Merge(suffix, Shape(absl::MakeConstSpan(split, data.dims().end()))));
  }
  return suffix;
}

// The largest index + 1; kUnknownDim if an index is not known.
absl::StatusOr<int64_t> StitchedLength(ShapeContext& c) {
  int64_t length = 0;
  for (int i = 0; i < c.num_inputs() / 2; ++i) {
    const Tensor* exact = c.input_value(i);
    std::vector<int64_t> indices;
    if (exact != nullptr) {
      indices = IntegersOf(*exact);
    } else {
      const std::optional<PartialValue> partial = c.partial_input(i);
      if (!partial.has_value() || !partial->fully_known()) return kUnknownDim;
      for (const auto& index : partial->elements) indices.push_back(*index);
    }
    for (int64_t index : indices) {
      if (index < 0) {
        return absl::InvalidArgumentError(
            absl::StrCat("index ", index, " is negative"));
      }
      length = std::max(length, index + 1);
    }
  }
  return length;
}

absl::Status DynamicStitchShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(const Shape suffix, StitchedSuffix(c));
  TRELLIS_ASSIGN_OR_RETURN(const int64_t length, StitchedLength(c));
  if (!suffix.known_rank()) return c.SetOutput(0, Shape::Unknown());
  Shape y{length};
  for (int64_t dim : suffix.dims()) y.push_back(dim);
  TRELLIS_ASSIGN_OR_RETURN(y, Shape::Make(y.dims()));
  return c.SetOutput(0, std::move(y));
}

std::optional<PartialValue> DynamicStitchValue(ShapeContext& c) {
  if (!DynamicStitchShape(c).ok()) return std::nullopt;
  const Shape& shape = c.outputs()[0];
  if (shape.rank() != 1 || shape.dim(0) < 0 ||
      shape.dim(0) > kMaxKnownElements) {
    return std::nullopt;
  }
  PartialValue value{.shape = shape};
  value.elements.resize(shape.dim(0));
  const int n = c.num_inputs() / 2;
  for (int i = 0; i < n; ++i) {
    const std::optional<PartialValue> indices = c.partial_input(i);
    const std::optional<PartialValue> data = KnownElements(c, n + i);
    if (!indices.has_value() || !data.has_value() ||
        indices->elements.size() != data->elements.size()) {
      return std::nullopt;
    }
    for (size_t j = 0; j < data->elements.size(); ++j) {
      value.elements[*indices->elements[j]] = data->elements[j];
    }
  }
  return value;
}

// Each data tensor's slices of dy.
absl::Status DynamicStitchGradient(GradientContext& g) {
  const int n = g.num_inputs() / 2;
  for (int i = 0; i < n; ++i) {
    g.set_input_grad(n + i,
                     g.Emit("GatherV2", {g.output_grad(0), g.input(i), 0}));
  }
  return g.status();
}

OpSchema DynamicStitch() {
  return {
      .name = "DynamicStitch",
      .doc =
          "Interleaves slices: merged[indices[i][j]] = data[i][j].\n\n"
          "Where an index occurs twice, the later slice stays; slices that "
          "no index names are 0.",
      .inputs = {{.name = "indices", .type = "int32", .number = "N"},
                 {.name = "data", .type = "T", .number = "N"}},
      .outputs = {{"merged", "T"}},
      .attrs = {NumberAttr("N"), TypeAttr("T")},
      .shape = DynamicStitchShape,
      .value = DynamicStitchValue,
      .gradient = DynamicStitchGradient,
  };
}

}  // namespace

void RegisterGatherOps(OpRegistry& registry) {
  registry.Add(Gather());
  registry.Add(GatherV2());
  registry.Add(UnsortedSegmentSum());
  registry.Add(DynamicStitch());
}

}  // namespace trellis
