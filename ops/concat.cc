// Joining tensors, and taking them apart again, along one axis.
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/gradient_context.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"
#include "trellis/ops/gradient_nodes.h"
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

// Above so many inputs, dy is split by one node, not sliced by one per input.
constexpr int kMostSlices = 16;

// The shapes of the inputs [0, n). Shape nodes that are made before the first
// input of unknown shape is met stay behind unused, as in TensorFlow.
std::vector<Output> ShapesOfInputs(GradientContext& g, int n) {
  std::vector<Output> shapes;
  for (int i = 0; i < n; ++i) {
    shapes.push_back(g.ShapeOf(g.input(i)));
    if (g.input(i).shape().fully_defined()) continue;
    std::vector<Input> inputs;
    for (int j = 0; j < n; ++j) inputs.push_back(g.input(j));
    Node* shape_n = g.EmitNode("ShapeN", inputs);
    if (shape_n == g.node().graph().error_node()) return {};
    shapes.clear();
    for (int j = 0; j < n; ++j) shapes.push_back(shape_n->output(j));
    break;
  }
  return shapes;
}

// The extents of the parts along `axis`: a column of the stacked shapes.
Output ExtentsOfParts(GradientContext& g, const std::vector<Output>& shapes,
                      Output axis) {
  const std::vector<Input> parts(shapes.begin(), shapes.end());
  const Output stack =
      g.EmitNode("Pack", parts, {{"axis", 1}}, "stack")->output();
  const auto slice = [&] {
    const auto scope = g.NameScope("Slice");
    Output begin;
    {
      const auto below = g.NameScope("begin");
      const Output zero = g.Constant(Tensor::Scalar<int32_t>(0), "1");
      begin = g.Emit("Pack", {axis, zero}, {}, g.scope().path());
    }
    const Output size = g.Constant(Tensor::Of<int32_t>({1, -1}), "size");
    return g.Emit("Slice", {stack, begin, size}, {}, g.scope().path());
  }();
  return g.Emit("Squeeze", {slice});
}

// Each input's part of dy.
absl::Status ConcatGradient(GradientContext& g) {
  const int n = g.num_inputs() - 1;
  const Output dy = g.output_grad(0);
  const Output rank = RankOf(g, g.input(0));
  const Output axis =
      g.Emit("FloorMod", {AsInt32(g, g.input(n)), rank}, {}, "mod");
  const std::vector<Output> shapes = ShapesOfInputs(g, n);
  TRELLIS_RETURN_IF_ERROR(g.status());
  if (n > kMostSlices) {
    const Output extents = ExtentsOfParts(g, shapes, axis);
    Node* split =
        g.EmitNode("SplitV", {dy, extents, axis}, {{"num_split", n}}, "split");
    TRELLIS_RETURN_IF_ERROR(g.status());
    for (int i = 0; i < n; ++i) g.set_input_grad(i, split->output(i));
    return g.status();
  }
  std::vector<Input> offset_inputs = {axis};
  offset_inputs.insert(offset_inputs.end(), shapes.begin(), shapes.end());
  Node* offsets = g.EmitNode("ConcatOffset", offset_inputs);
  TRELLIS_RETURN_IF_ERROR(g.status());
  for (int i = 0; i < n; ++i) {
    g.set_input_grad(i, g.Emit("Slice", {dy, offsets->output(i), shapes[i]}));
  }
  return g.status();
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
      .gradient = ConcatGradient,
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

absl::Status PackGradient(GradientContext& g) {
  Node* parts = g.EmitNode(
      "Unpack", {g.output_grad(0)},
      {{"num", g.num_inputs()}, {"axis", g.attr<int64_t>("axis")}}, "unstack");
  TRELLIS_RETURN_IF_ERROR(g.status());
  for (int i = 0; i < g.num_inputs(); ++i) {
    g.set_input_grad(i, parts->output(i));
  }
  return g.status();
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
      .gradient = PackGradient,
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

// The gradients of all outputs.
std::vector<Input> OutputGradients(GradientContext& g) {
  std::vector<Input> grads;
  for (int i = 0; i < g.num_outputs(); ++i) grads.push_back(g.output_grad(i));
  return grads;
}

absl::Status UnpackGradient(GradientContext& g) {
  g.set_input_grad(0, g.EmitNode("Pack", OutputGradients(g),
                                 {{"axis", g.attr<int64_t>("axis")}}, "stack")
                          ->output());
  return g.status();
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
      .gradient = UnpackGradient,
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

// The concatenation along input `axis`: of one, itself.
Output JoinedGradients(GradientContext& g, int axis) {
  if (g.num_outputs() == 1) {
    return g.Emit("Identity", {g.output_grad(0)}, {}, "concat");
  }
  std::vector<Input> inputs = OutputGradients(g);
  inputs.push_back(g.input(axis));
  return g.EmitNode("ConcatV2", inputs, {}, "concat")->output();
}

absl::Status SplitGradient(GradientContext& g) {
  g.set_input_grad(1, JoinedGradients(g, /*axis=*/0));
  return g.status();
}

OpSchema Split() {
  return {
      .name = "Split",
      .doc = "value cut into num_split equal parts along split_dim.",
      .inputs = {{"split_dim", "int32"}, {"value", "T"}},
      .outputs = {{.name = "output", .type = "T", .number = "num_split"}},
      .attrs = {NumberAttr("num_split"), TypeAttr("T")},
      .shape = SplitShape,
      .gradient = SplitGradient,
  };
}

// The lengths that add up to `total` (kUnknownDim: not known), a single -1
// resolved where that can be.
absl::StatusOr<std::vector<int64_t>> SplitLengths(const PartialValue& sizes,
                                                  int64_t total) {
  std::vector<int64_t> lengths;
  int64_t sum = 0, open = -1;
  for (const std::optional<int64_t>& size : sizes.elements) {
    if (*size == -1 && open < 0) {
      open = static_cast<int64_t>(lengths.size());
    } else if (*size < 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "size_splits has ", *size, "; only one element may be -1"));
    } else {
      TRELLIS_ASSIGN_OR_RETURN(sum, AddDims(sum, *size));
    }
    lengths.push_back(*size);
  }
  if (total == kUnknownDim) return lengths;
  if (open < 0 ? sum != total : sum > total) {
    return absl::InvalidArgumentError(absl::StrCat(
        "size_splits add up to ", sum, ", the dimension is ", total));
  }
  if (open >= 0) lengths[open] = total - sum;
  return lengths;
}

absl::Status SplitVShape(ShapeContext& c) {
  const Shape& x = c.input(0);
  const int n = c.num_outputs();
  TRELLIS_ASSIGN_OR_RETURN(const Shape sizes, c.ExpectRank(1, 1));
  TRELLIS_RETURN_IF_ERROR(
      c.Expect("length of size_splits", sizes.dim(0), n).status());
  TRELLIS_ASSIGN_OR_RETURN(const std::optional<int> axis,
                           AxisInput(c, 2, x.rank()));
  std::vector<int64_t> lengths(n, kUnknownDim);
  const std::optional<PartialValue> known = c.partial_input(1);
  if (axis.has_value() && known.has_value() && known->fully_known()) {
    TRELLIS_ASSIGN_OR_RETURN(lengths, SplitLengths(*known, x.dim(*axis)));
  }
  for (int i = 0; i < n; ++i) {
    Shape y = x;
    if (axis.has_value()) {
      y.set_dim(*axis, lengths[i]);
    } else if (x.known_rank()) {
      y = Shape::OfRank(x.rank());
    }
    TRELLIS_RETURN_IF_ERROR(c.SetOutput(i, std::move(y)));
  }
  return absl::OkStatus();
}

absl::Status SplitVGradient(GradientContext& g) {
  g.set_input_grad(0, JoinedGradients(g, /*axis=*/2));
  return g.status();
}

OpSchema SplitV() {
  return {
      .name = "SplitV",
      .doc =
          "value cut into num_split parts of lengths size_splits along "
          "split_dim.\n\nOne length may be -1: what is left.",
      .inputs = {{"value", "T"},
                 {"size_splits", "Tlen"},
                 {"split_dim", "int32"}},
      .outputs = {{.name = "output", .type = "T", .number = "num_split"}},
      .attrs = {NumberAttr("num_split"), TypeAttr("T"),
                TypeAttr("Tlen", kIndexTypes, kInt64)},
      .shape = SplitVShape,
      .gradient = SplitVGradient,
  };
}

}  // namespace

void RegisterConcatOps(OpRegistry& registry) {
  registry.Add(ConcatV2());
  registry.Add(ConcatOffset());
  registry.Add(Pack());
  registry.Add(Unpack());
  registry.Add(Split());
  registry.Add(SplitV());
}

}  // namespace trellis
