// Repeating tensors.
#include <optional>

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

absl::Status TileShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(const Shape multiples, SizesInput(c, 1));
  const Shape& x = c.input(0);
  if (!x.known_rank()) {
    return c.SetOutput(0, multiples.known_rank()
                              ? Shape::OfRank(multiples.rank())
                              : Shape::Unknown());
  }
  if (!multiples.known_rank()) {
    return c.SetOutput(0, Shape::OfRank(x.rank()));
  }
  TRELLIS_RETURN_IF_ERROR(
      c.Expect("length of multiples", multiples.rank(), x.rank()).status());
  Shape y = x;
  for (int i = 0; i < x.rank(); ++i) {
    TRELLIS_ASSIGN_OR_RETURN(const int64_t dim,
                             MultiplyDims(x.dim(i), multiples.dim(i)));
    y.set_dim(i, dim);
  }
  TRELLIS_ASSIGN_OR_RETURN(y, Shape::Make(y.dims()));
  return c.SetOutput(0, std::move(y));
}

// dy under a shape in which repetitions have dimensions of their own
// (multiples[0], shape[0], multiples[1], ...), summed over these.
absl::Status TileGradient(GradientContext& g) {
  const Output shape = ShapeAs(g, g.input(0), g.input(1).dtype());
  const Output stack = g.Emit("Pack", {g.input(1), shape}, {}, "stack");
  const Output pairs = g.Emit("Transpose", {stack, {1, 0}}, {}, "transpose");
  const Output split = g.Emit("Reshape", {pairs, {-1}});
  const Output axes = g.Emit("Range", {0, SizeOf(g, split), 2}, {}, "range");
  const Output dy = g.Emit("Reshape", {g.output_grad(0), split});
  g.set_input_grad(0, g.Emit("Sum", {dy, axes}));
  return g.status();
}

OpSchema Tile() {
  return {
      .name = "Tile",
      .doc = "The input repeated multiples[i] times along each dimension i.",
      .inputs = {{"input", "T"}, {"multiples", "Tmultiples"}},
      .outputs = {{"output", "T"}},
      .attrs = {TypeAttr("T"), TypeAttr("Tmultiples", kIndexTypes, kInt32)},
      .shape = TileShape,
      .gradient = TileGradient,
  };
}

absl::Status BroadcastToShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(Shape y, SizesInput(c, 1));
  const Shape& x = c.input(0);
  if (!y.known_rank() || !x.known_rank()) return c.SetOutput(0, std::move(y));
  TRELLIS_RETURN_IF_ERROR(c.ExpectRankAtMost(x, y.rank()));
  for (int i = 0; i < x.rank(); ++i) {
    const int64_t from = x.dim(i), to = y.dim(y.rank() - x.rank() + i);
    if (from != kUnknownDim && from != 1 && to != kUnknownDim && from != to) {
      return absl::InvalidArgumentError(absl::StrCat(
          "shape ", x.ToString(), " does not broadcast to ", y.ToString()));
    }
  }
  return c.SetOutput(0, std::move(y));
}

absl::Status BroadcastToGradient(GradientContext& g) {
  const Output shape = ShapeAs(g, g.input(0), g.input(1).dtype());
  Node* args = g.EmitNode("BroadcastGradientArgs", {g.input(1), shape});
  TRELLIS_RETURN_IF_ERROR(g.status());
  const Output sum = g.Emit("Sum", {g.output_grad(0), args->output(1)});
  g.set_input_grad(0, g.Emit("Reshape", {sum, shape}));
  return g.status();
}

OpSchema BroadcastTo() {
  return {
      .name = "BroadcastTo",
      .doc = "The input broadcast to the given shape.",
      .inputs = {{"input", "T"}, {"shape", "Tidx"}},
      .outputs = {{"output", "T"}},
      .attrs = {TypeAttr("T"), TypeAttr("Tidx", kIndexTypes, kInt32)},
      .shape = BroadcastToShape,
      .gradient = BroadcastToGradient,
  };
}

}  // namespace

void RegisterTileOps(OpRegistry& registry) {
  registry.Add(Tile());
  registry.Add(BroadcastTo());
}

}  // namespace trellis
