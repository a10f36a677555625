// Parts of tensors, and tensors as parts of larger ones.
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

absl::Status NotInside(int axis, std::optional<int64_t> begin, int64_t size,
                       int64_t dim) {
  return absl::InvalidArgumentError(
      absl::StrCat("dimension ", axis, ": ", size, " elements from ",
                   begin.value_or(0), " on are not inside of [0, ", dim, ")"));
}

// The size of the slice along one axis.
absl::StatusOr<int64_t> SliceDim(int axis, std::optional<int64_t> begin,
                                 std::optional<int64_t> size, int64_t dim) {
  const int64_t wanted = size.value_or(-1);
  if (wanted < -1 || begin.value_or(0) < 0) {
    return NotInside(axis, begin, wanted, dim);
  }
  if (dim == kUnknownDim) return wanted;
  if (begin.value_or(0) > dim || wanted > dim - begin.value_or(0)) {
    return NotInside(axis, begin, wanted, dim);
  }
  if (wanted >= 0) return wanted;
  // -1: all that is left.
  return size.has_value() && begin.has_value() ? dim - *begin : kUnknownDim;
}

absl::Status SliceShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(Shape length, c.ExpectRank(1, 1));
  TRELLIS_ASSIGN_OR_RETURN(const Shape size_shape, c.ExpectRank(2, 1));
  TRELLIS_ASSIGN_OR_RETURN(length, c.Merge(length, size_shape));
  const std::optional<PartialValue> begin = c.partial_input(1);
  const std::optional<PartialValue> size = c.partial_input(2);
  for (const auto& value : {begin, size}) {
    if (!value.has_value()) continue;
    TRELLIS_ASSIGN_OR_RETURN(length, c.Merge(length, value->shape));
  }
  const Shape& x = c.input(0);
  TRELLIS_ASSIGN_OR_RETURN(const int64_t rank,
                           c.Expect("length of begin and size", length.dim(0),
                                    x.known_rank() ? x.rank() : kUnknownDim));
  if (rank == kUnknownDim) return c.SetOutput(0, Shape::Unknown());
  if (rank > kMaxRank) {
    return absl::InvalidArgumentError(
        absl::StrCat("no tensor has ", rank, " dimensions"));
  }
  Shape y = Shape::OfRank(static_cast<int>(rank));
  for (int i = 0; i < rank; ++i) {
    TRELLIS_ASSIGN_OR_RETURN(
        const int64_t dim,
        SliceDim(i, begin.has_value() ? begin->elements[i] : std::nullopt,
                 size.has_value() ? size->elements[i] : std::nullopt,
                 x.known_rank() ? x.dim(i) : kUnknownDim));
    y.set_dim(i, dim);
  }
  return c.SetOutput(0, std::move(y));
}

std::optional<PartialValue> SliceValue(ShapeContext& c) {
  const std::optional<PartialValue> x = c.partial_input(0);
  const std::optional<PartialValue> begin = c.partial_input(1);
  if (!x.has_value() || !begin.has_value() || !begin->fully_known() ||
      x->shape.rank() != 1 || !SliceShape(c).ok()) {
    return std::nullopt;
  }
  const int64_t size = c.outputs()[0].dim(0), from = *begin->elements[0];
  if (size < 0 || from + size > x->elements.size()) return std::nullopt;
  const auto first = x->elements.begin() + from;
  return PartialValue{.shape = {size}, .elements = {first, first + size}};
}

// dy with zeros around it: paddings[:, 0] is begin, paddings[:, 1] what is left
// behind the slice.
absl::Status SliceGradient(GradientContext& g) {
  const Output x = g.input(0), begin = g.input(1);
  const Output rank = RankOf(g, x);
  const Output size = ShapeAs(g, g.output(0), begin.dtype());
  const Output column = StackWith(g, rank, 1);
  const Output before = g.Emit("Reshape", {begin, column});
  const Output shape = ShapeAs(g, x, begin.dtype());
  const Output rest = g.Emit("Sub", {shape, size}, {}, "sub");
  const Output behind = g.Emit("Sub", {rest, begin}, {}, "sub");
  const Output after = g.Emit("Reshape", {behind, column});
  const Output paddings = g.Emit("ConcatV2", {before, after, 1}, {}, "concat");
  g.set_input_grad(0, g.Emit("Pad", {g.output_grad(0), paddings}));
  return g.status();
}

OpSchema Slice() {
  return {
      .name = "Slice",
      .doc =
          "The block of input that starts at begin and has shape size.\n\n"
          "A size of -1 is all that is left in that dimension.",
      .inputs = {{"input", "T"}, {"begin", "Index"}, {"size", "Index"}},
      .outputs = {{"output", "T"}},
      .attrs = {TypeAttr("T"), TypeAttr("Index", kIndexTypes)},
      .shape = SliceShape,
      .value = SliceValue,
      .gradient = SliceGradient,
  };
}

absl::Status PadShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(const Shape paddings, c.ExpectRank(1, 2));
  TRELLIS_RETURN_IF_ERROR(
      c.Expect("second dimension of paddings", paddings.dim(1), 2).status());
  const Shape& x = c.input(0);
  TRELLIS_ASSIGN_OR_RETURN(
      const int64_t rank,
      c.Expect("first dimension of paddings", paddings.dim(0),
               x.known_rank() ? x.rank() : kUnknownDim));
  if (rank < 0 || rank > kMaxRank) return c.SetOutput(0, Shape::Unknown());
  Shape y = Shape::OfRank(static_cast<int>(rank));
  const Tensor* value = c.input_value(1);
  if (value == nullptr) return c.SetOutput(0, std::move(y));
  TRELLIS_RETURN_IF_ERROR(c.Merge(value->shape(), {rank, 2}).status());
  const std::vector<int64_t> sizes = IntegersOf(*value);
  for (int i = 0; i < rank; ++i) {
    const int64_t before = sizes[2 * i], after = sizes[2 * i + 1];
    if (before < 0 || after < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("paddings [", before, ", ", after, "] of dimension ", i,
                       " must not be negative"));
    }
    TRELLIS_ASSIGN_OR_RETURN(const int64_t padding, AddDims(before, after));
    TRELLIS_ASSIGN_OR_RETURN(
        const int64_t dim,
        AddDims(x.known_rank() ? x.dim(i) : kUnknownDim, padding));
    y.set_dim(i, dim);
  }
  TRELLIS_ASSIGN_OR_RETURN(y, Shape::Make(y.dims()));
  return c.SetOutput(0, std::move(y));
}

// The slice of dy that the input was copied to.
absl::Status PadGradient(GradientContext& g) {
  const Output x = g.input(0), paddings = g.input(1);
  const Output rank = RankOf(g, x);
  const Output column = StackWith(g, rank, 1);
  const Output before = g.Emit("Slice", {paddings, {0, 0}, column});
  const Output begin = g.Emit("Reshape", {before, {-1}});
  const Output size = ShapeAs(g, x, paddings.dtype());
  g.set_input_grad(0, g.Emit("Slice", {g.output_grad(0), begin, size}));
  return g.status();
}

OpSchema Pad() {
  return {
      .name = "Pad",
      .doc =
          "The input with paddings[i, 0] zeros before and paddings[i, 1] "
          "after it in each dimension i.",
      .inputs = {{"input", "T"}, {"paddings", "Tpaddings"}},
      .outputs = {{"output", "T"}},
      .attrs = {TypeAttr("T"), TypeAttr("Tpaddings", kIndexTypes, kInt32)},
      .shape = PadShape,
      .gradient = PadGradient,
  };
}

}  // namespace

void RegisterSliceOps(OpRegistry& registry) {
  registry.Add(Slice());
  registry.Add(Pad());
}

}  // namespace trellis
