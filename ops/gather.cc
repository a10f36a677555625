// Rows by number: gathering them, summing them into segments, stitching.
#include <algorithm>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"
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

OpSchema Gather() {
  return {
      .name = "Gather",
      .doc = "The slices of params along its first axis that indices name.",
      .inputs = {{"params", "Tparams"}, {"indices", "Tindices"}},
      .outputs = {{"output", "Tparams"}},
      .attrs = {BoolAttr("validate_indices", true), TypeAttr("Tparams"),
                TypeAttr("Tindices", kIndexTypes)},
      .shape = GatherShape,
      .not_differentiable = "gradient to come",
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
      .not_differentiable = "gradient to come",
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
      .not_differentiable = "gradient to come",
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
      .not_differentiable = "gradient to come",
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
