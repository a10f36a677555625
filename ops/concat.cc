// Joining tensors, and taking them apart again, along one axis.
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

// The rank that inputs [first, last) have in common; -1 if none is known.
absl::StatusOr<int> CommonRank(ShapeContext& c, int first, int last) {
  int rank = -1;
  for (int i = first; i < last; ++i) {
    const Shape& x = c.input(i);
    if (!x.known_rank()) continue;
    if (rank >= 0 && x.rank() != rank) {
      return absl::InvalidArgumentError(
          absl::StrCat("input ", i, " has shape ", x.ToString(),
                       ", must have rank ", rank, " as the inputs before it"));
    }
    rank = x.rank();
  }
  return rank;
}

absl::Status ConcatShape(ShapeContext& c) {
  const int n = c.num_inputs() - 1;
  TRELLIS_ASSIGN_OR_RETURN(const int rank, CommonRank(c, 0, n));
  if (rank == 0) {
    return absl::InvalidArgumentError("scalars cannot be concatenated");
  }
  TRELLIS_ASSIGN_OR_RETURN(const std::optional<int> axis,
                           AxisInput(c, n, rank));
  if (rank < 0) return c.SetOutput(0, Shape::Unknown());
  if (!axis.has_value()) return c.SetOutput(0, Shape::OfRank(rank));
  Shape y = Shape::OfRank(rank);
  int64_t length = 0;
  for (int i = 0; i < n; ++i) {
    Shape x = c.input(i).known_rank() ? c.input(i) : Shape::OfRank(rank);
    TRELLIS_ASSIGN_OR_RETURN(length, AddDims(length, x.dim(*axis)));
    x.set_dim(*axis, kUnknownDim);
    TRELLIS_ASSIGN_OR_RETURN(y, c.Merge(y, x));
  }
  y.set_dim(*axis, length);
  TRELLIS_ASSIGN_OR_RETURN(y, Shape::Make(y.dims()));
  return c.SetOutput(0, std::move(y));
}

std::optional<PartialValue> ConcatValue(ShapeContext& c) {
  PartialValue value;
  for (int i = 0; i < c.num_inputs() - 1; ++i) {
    const std::optional<PartialValue> x = KnownElements(c, i);
    if (!x.has_value() || x->shape.rank() != 1) return std::nullopt;
    value.elements.insert(value.elements.end(), x->elements.begin(),
                          x->elements.end());
  }
  if (value.elements.size() > kMaxKnownElements) return std::nullopt;
  value.shape = Shape{static_cast<int64_t>(value.elements.size())};
  return value;
}

OpSchema ConcatV2() {
  return {
      .name = "ConcatV2",
      .doc = "The values one after another along axis.",
      .inputs = {{.name = "values", .type = "T", .number = "N"},
                 {"axis", "Tidx"}},
      .outputs = {{"output", "T"}},
      .attrs = {NumberAttr("N", 2), TypeAttr("T"),
                TypeAttr("Tidx", kIndexTypes, kInt32)},
      .shape = ConcatShape,
      .value = ConcatValue,
      .not_differentiable = "gradient to come",
  };
}

absl::Status ConcatOffsetShape(ShapeContext& c) {
  TRELLIS_RETURN_IF_ERROR(c.ExpectRank(0, 0).status());
  Shape offset = Shape::OfRank(1);
  for (int i = 1; i < c.num_inputs(); ++i) {
    TRELLIS_ASSIGN_OR_RETURN(offset, c.Merge(offset, c.input(i)));
  }
  TRELLIS_RETURN_IF_ERROR(
      AxisInput(c, 0, static_cast<int>(offset.dim(0))).status());
  for (int i = 0; i < c.num_outputs(); ++i) {
    TRELLIS_RETURN_IF_ERROR(c.SetOutput(i, offset));
  }
  return absl::OkStatus();
}

OpSchema ConcatOffset() {
  return {
      .name = "ConcatOffset",
      .doc =
          "Where each of N tensors of the given shapes begins in their "
          "concatenation along concat_dim.",
      .inputs = {{"concat_dim", "int32"},
                 {.name = "shape", .type = "int32", .number = "N"}},
      .outputs = {{.name = "offset", .type = "int32", .number = "N"}},
      .attrs = {NumberAttr("N", 2)},
      .shape = ConcatOffsetShape,
      .not_differentiable = "computes with shapes",
  };
}

absl::Status PackShape(ShapeContext& c) {
  Shape x;
  for (int i = 0; i < c.num_inputs(); ++i) {
    TRELLIS_ASSIGN_OR_RETURN(x, c.Merge(x, c.input(i)));
  }
  if (!x.known_rank()) return c.SetOutput(0, Shape::Unknown());
  TRELLIS_ASSIGN_OR_RETURN(
      const int axis, c.ResolveAxis(c.attr<int64_t>("axis"), x.rank() + 1));
  std::vector<int64_t> dims(x.dims().begin(), x.dims().end());
  dims.insert(dims.begin() + axis, c.num_inputs());
  TRELLIS_ASSIGN_OR_RETURN(Shape y, Shape::Make(dims));
  return c.SetOutput(0, std::move(y));
}

std::optional<PartialValue> PackValue(ShapeContext& c) {
  if (c.num_inputs() > kMaxKnownElements) return std::nullopt;
  PartialValue value{.shape = {c.num_inputs()}};
  for (int i = 0; i < c.num_inputs(); ++i) {
    const std::optional<PartialValue> x = KnownElements(c, i);
    if (!x.has_value() || x->shape.rank() != 0) return std::nullopt;
    value.elements.push_back(x->elements[0]);
  }
  return value;
}

OpSchema Pack() {
  return {
      .name = "Pack",
      .doc = "N tensors of one shape as the slices of one along a new axis.",
      .inputs = {{.name = "values", .type = "T", .number = "N"}},
      .outputs = {{"output", "T"}},
      .attrs = {NumberAttr("N"), TypeAttr("T"), IntAttr("axis", 0)},
      .shape = PackShape,
      .value = PackValue,
      .not_differentiable = "gradient to come",
  };
}

absl::Status UnpackShape(ShapeContext& c) {
  const Shape& x = c.input(0);
  Shape y;
  if (x.known_rank()) {
    TRELLIS_RETURN_IF_ERROR(c.ExpectRankAtLeast(x, 1));
    TRELLIS_ASSIGN_OR_RETURN(const int axis,
                             c.ResolveAxis(c.attr<int64_t>("axis"), x.rank()));
    TRELLIS_RETURN_IF_ERROR(
        c.Expect("unpacked dimension", x.dim(axis), c.num_outputs()).status());
    std::vector<int64_t> dims(x.dims().begin(), x.dims().end());
    dims.erase(dims.begin() + axis);
    y = Shape(dims);
  }
  for (int i = 0; i < c.num_outputs(); ++i) {
    TRELLIS_RETURN_IF_ERROR(c.SetOutput(i, y));
  }
  return absl::OkStatus();
}

std::optional<PartialValue> UnpackValue(ShapeContext& c) {
  const std::optional<PartialValue> x = c.partial_input(0);
  if (!x.has_value() || x->elements.empty() || x->shape.rank() != 1) {
    return std::nullopt;
  }
  return PartialValue{.shape = Shape::Scalar(), .elements = {x->elements[0]}};
}

OpSchema Unpack() {
  return {
      .name = "Unpack",
      .doc = "The num slices of value along axis.",
      .inputs = {{"value", "T"}},
      .outputs = {{.name = "output", .type = "T", .number = "num"}},
      .attrs = {NumberAttr("num", 0), TypeAttr("T"), IntAttr("axis", 0)},
      .shape = UnpackShape,
      .value = UnpackValue,
      .not_differentiable = "gradient to come",
  };
}

absl::Status SplitShape(ShapeContext& c) {
  const Shape& x = c.input(1);
  TRELLIS_ASSIGN_OR_RETURN(const std::optional<int> axis,
                           AxisInput(c, 0, x.rank()));
  Shape y = x.known_rank() ? Shape::OfRank(x.rank()) : Shape::Unknown();
  if (axis.has_value()) {
    y = x;
    const int64_t length = x.dim(*axis);
    if (length >= 0) {
      if (length % c.num_outputs() != 0) {
        return absl::InvalidArgumentError(absl::StrCat(
            "dimension ", *axis, " of ", x.ToString(), " cannot be split into ",
            c.num_outputs(), " equal parts"));
      }
      y.set_dim(*axis, length / c.num_outputs());
    }
  }
  for (int i = 0; i < c.num_outputs(); ++i) {
    TRELLIS_RETURN_IF_ERROR(c.SetOutput(i, y));
  }
  return absl::OkStatus();
}

OpSchema Split() {
  return {
      .name = "Split",
      .doc = "value cut into num_split equal parts along split_dim.",
      .inputs = {{"split_dim", "int32"}, {"value", "T"}},
      .outputs = {{.name = "output", .type = "T", .number = "num_split"}},
      .attrs = {NumberAttr("num_split"), TypeAttr("T")},
      .shape = SplitShape,
      .not_differentiable = "gradient to come",
  };
}

}  // namespace

void RegisterConcatOps(OpRegistry& registry) {
  registry.Add(ConcatV2());
  registry.Add(ConcatOffset());
  registry.Add(Pack());
  registry.Add(Unpack());
  registry.Add(Split());
}

}  // namespace trellis
