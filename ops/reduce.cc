// Reductions along axes that are given by value.
#include <algorithm>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "trellis/base/checked_int.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/gradient_context.h"
#include "trellis/graph/infer_shapes.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"
#include "trellis/ops/gradient_nodes.h"
#include "trellis/ops/partial_arithmetic.h"

namespace trellis {
namespace {

// For each axis of the input, whether it is reduced; nullopt if the axes are
// not known. REQUIRES: the input's rank is known.
absl::StatusOr<std::optional<std::vector<bool>>> ReducedAxes(ShapeContext& c) {
  using Axes = std::optional<std::vector<bool>>;
  const std::optional<PartialValue> axes = c.partial_input(1);
  if (!axes.has_value() || !axes->fully_known()) return Axes();
  const int rank = c.input(0).rank();
  std::vector<bool> reduced(rank);
  for (const std::optional<int64_t>& e : axes->elements) {
    TRELLIS_ASSIGN_OR_RETURN(const int axis, c.ResolveAxis(*e, rank));
    if (reduced[axis]) {
      return absl::InvalidArgumentError(
          absl::StrCat("axis ", axis, " is reduced twice"));
    }
    reduced[axis] = true;
  }
  return Axes(std::move(reduced));
}

absl::Status ReduceShape(ShapeContext& c) {
  TRELLIS_RETURN_IF_ERROR(c.ExpectRankAtMost(c.input(1), 1));
  const Shape& input = c.input(0);
  if (!input.known_rank()) return c.SetOutput(0, Shape::Unknown());
  const bool keep_dims = c.attr<bool>("keep_dims");
  TRELLIS_ASSIGN_OR_RETURN(const auto reduced, ReducedAxes(c));
  if (!reduced.has_value()) {
    return c.SetOutput(
        0, keep_dims ? Shape::OfRank(input.rank()) : Shape::Unknown());
  }
  Shape output = Shape::Scalar();
  for (int axis = 0; axis < input.rank(); ++axis) {
    if (!(*reduced)[axis]) {
      output.push_back(input.dim(axis));
    } else if (keep_dims) {
      output.push_back(1);
    }
  }
  return c.SetOutput(0, std::move(output));
}

// A vector's elements combined, if all are known: the number of elements that a
// shape stands for.
std::optional<PartialValue> ReduceValue(ShapeContext& c, int64_t start,
                                        std::optional<int64_t> (*f)(int64_t,
                                                                    int64_t)) {
  const std::optional<PartialValue> input = c.partial_input(0);
  const std::optional<PartialValue> axes = c.partial_input(1);
  if (!input.has_value() || !input->fully_known() || input->shape.rank() != 1 ||
      !axes.has_value() || !axes->fully_known() || axes->elements.size() != 1) {
    return std::nullopt;
  }
  std::optional<int64_t> result = start;
  for (const std::optional<int64_t>& e : input->elements) {
    if (result.has_value()) result = f(*result, *e);
  }
  return PartialValue{
      .shape = c.attr<bool>("keep_dims") ? Shape{1} : Shape::Scalar(),
      .elements = {KnownAs(c.input_dtype(0), result)}};
}

std::optional<PartialValue> ProdValue(ShapeContext& c) {
  return ReduceValue(c, 1, CheckedMul);
}

std::optional<PartialValue> SumValue(ShapeContext& c) {
  return ReduceValue(c, 0, CheckedAdd);
}

// ---- gradients; the axes get none

Tensor Int32Vector(absl::Span<const int64_t> values) {
  Tensor vector(kInt32, {static_cast<int64_t>(values.size())});
  std::copy(values.begin(), values.end(), vector.flat<int32_t>().begin());
  return vector;
}

// The shape that the reduction would have with keep_dims: ones stitched into
// `shape` at the axes. `shape` and `axes` are int32.
Output KeptShape(GradientContext& g, Output shape, Output axes) {
  const Output rank = SizeOf(g, shape);
  const Output sum = g.Emit("AddV2", {axes, rank}, {}, "add");
  const Output positive = g.Emit("FloorMod", {sum, rank}, {}, "mod");
  const Output axes_shape = g.ShapeOf(positive);
  const Output all = g.Emit("Range", {0, rank, 1}, {}, "range");
  const Output ones = g.Emit("Fill", {axes_shape, 1});
  return g.Emit("DynamicStitch", {all, positive, shape, ones});
}

Output Int32Axes(GradientContext& g) {
  const Output axes = g.input(1);
  return axes.dtype() == kInt32 ? axes
                                : g.Emit("Cast", {axes}, {{"DstT", kInt32}});
}

// x // max(y, 1)
Output SafeQuotient(GradientContext& g, Input x, Input y) {
  const Output divisor = g.Emit("Maximum", {y, 1});
  return g.Emit("FloorDiv", {x, divisor}, {}, "floordiv");
}

// Shapes and axes whose kept shape was computed in a graph.
struct KnownReductions {
  std::set<std::pair<std::vector<int64_t>, std::vector<int64_t>>> seen;
};

// Leaves behind the nodes that would compute `kept` from `shape`, at their
// first use in a graph, as TensorFlow does.
void AddKeptShapeNodes(GradientContext& g, const Shape& shape,
                       const std::vector<int64_t>& axes, const Shape& kept) {
  auto& seen = g.node().graph().Attached<KnownReductions>().seen;
  const std::vector<int64_t> dims(shape.dims().begin(), shape.dims().end());
  if (!seen.emplace(dims, axes).second) return;
  Output shape_node, axes_node;
  {
    const auto scope = g.NameScope("Cast");
    shape_node = g.Constant(Int32Vector(shape.dims()), "x");
  }
  {
    const auto scope = g.NameScope("Cast");
    if (!axes.empty()) {
      axes_node = g.Constant(Int32Vector(axes), "x");
    } else {
      // An empty list is one of fractions to TensorFlow.
      const Output empty = g.Constant(Tensor(kFloat32, {0}), "x");
      axes_node = g.Emit("Cast", {empty}, {{"DstT", kInt32}}, g.scope().path());
    }
  }
  KeptShape(g, shape_node, axes_node);
  SafeQuotient(g, Int32Vector(shape.dims()), Int32Vector(kept.dims()));
}

// Of a sum along known axes of a known shape.
Output SpreadKnown(GradientContext& g, const Shape& shape,
                   const std::vector<int64_t>& axes) {
  Shape kept = shape;
  std::vector<int64_t> multiples(shape.rank(), 1);
  for (int64_t axis : axes) {
    if (axis < 0) axis += shape.rank();
    multiples[axis] = shape.dim(axis);
    kept.set_dim(axis, 1);
  }
  AddKeptShapeNodes(g, shape, axes, kept);
  const Output dy =
      g.Emit("Reshape", {g.output_grad(0), Int32Vector(kept.dims())});
  return g.Emit("Tile", {dy, Int32Vector(multiples)});
}

// The gradient of a sum: dy repeated along the axes.
Output Spread(GradientContext& g) {
  const Shape shape = g.input(0).shape();
  const std::optional<Tensor> constant = ConstantValue(g.input(1));
  if (constant.has_value() && shape.known_rank()) {
    const std::vector<int64_t> axes = IntegersOf(*constant);
    std::vector<int64_t> all(shape.rank());
    std::iota(all.begin(), all.end(), 0);
    if (axes == all) {
      const std::vector<int64_t> ones(shape.rank(), 1);
      const Output dy =
          g.Emit("Reshape", {g.output_grad(0), Int32Vector(ones)});
      const Output multiples = shape.fully_defined()
                                   ? g.Constant(Int32Vector(shape.dims()))
                                   : g.ShapeOf(g.input(0));
      return g.Emit("Tile", {dy, multiples});
    }
    if (shape.fully_defined()) return SpreadKnown(g, shape, axes);
  }
  const Output x_shape = g.ShapeOf(g.input(0));
  Output kept, multiples;
  {
    const auto beside = g.ColocateWith(x_shape);
    kept = KeptShape(g, x_shape, Int32Axes(g));
    multiples = SafeQuotient(g, x_shape, kept);
  }
  const Output dy = g.Emit("Reshape", {g.output_grad(0), kept});
  return g.Emit("Tile", {dy, multiples});
}

absl::Status SumGradient(GradientContext& g) {
  g.set_input_grad(0, Spread(g));
  return g.status();
}

// The number of elements that a shape stands for.
Output CountOf(GradientContext& g, Output shape) {
  return g.Emit("Prod", {shape, g.Constant(Int32Vector({0}))});
}

absl::Status MeanGradient(GradientContext& g) {
  const Output spread = Spread(g);
  TRELLIS_RETURN_IF_ERROR(g.status());
  const Shape& x = g.input(0).shape();
  const Shape& y = g.output(0).shape();
  const DType type = g.input(0).dtype();
  Output count;
  if (x.fully_defined() && y.fully_defined()) {
    const int64_t n = x.num_elements() / std::max<int64_t>(y.num_elements(), 1);
    TRELLIS_ASSIGN_OR_RETURN(Tensor constant, Input(n).ToTensor(type));
    count = g.Constant(std::move(constant));
  } else {
    const Output x_shape = g.ShapeOf(g.input(0));
    const Output y_shape = g.ShapeOf(g.output(0));
    const Output of_x = CountOf(g, x_shape);
    const Output quotient = SafeQuotient(g, of_x, CountOf(g, y_shape));
    count = g.Emit("Cast", {quotient}, {{"DstT", type}});
  }
  g.set_input_grad(0, g.Emit("RealDiv", {spread, count}, {}, "truediv"));
  return g.status();
}

// Elements equal to the extremum share dy.
absl::Status MaxOrMinGradient(GradientContext& g) {
  const Output x = g.input(0);
  const Output kept = KeptShape(g, g.ShapeOf(x), Int32Axes(g));
  const Output y = g.Emit("Reshape", {g.output(0), kept});
  const Output dy = g.Emit("Reshape", {g.output_grad(0), kept});
  const Output chosen =
      g.Emit("Cast", {g.Emit("Equal", {y, x})}, {{"DstT", x.dtype()}});
  const Output sum = g.Emit("Sum", {chosen, g.input(1)});
  const Output number = g.Emit("Reshape", {sum, kept});
  const Output share = g.Emit("RealDiv", {chosen, number}, {}, "truediv");
  g.set_input_grad(0, g.Emit("Mul", {share, dy}, {}, "mul"));
  return g.status();
}

absl::Status ProdGradient(GradientContext& g) {
  return absl::UnimplementedError(
      "the gradient of Prod is not available; it needs exclusive cumulative "
      "products");
}

absl::Status L2LossGradient(GradientContext& g) {
  g.set_input_grad(0, g.Emit("Mul", {g.input(0), g.output_grad(0)}, {}, "mul"));
  return g.status();
}

OpSchema Reduction(std::string name, std::string doc) {
  return {.name = std::move(name),
          .doc = absl::StrCat(doc,
                              " Axes count from the end if negative; with "
                              "keep_dims they stay, with length 1."),
          .inputs = {{"input", "T"}, {"reduction_indices", "Tidx"}},
          .outputs = {{"output", "T"}},
          .attrs = {BoolAttr("keep_dims", false), TypeAttr("T", kNumberTypes),
                    TypeAttr("Tidx", kIndexTypes, kInt32)},
          .shape = ReduceShape};
}

OpSchema LogicalReduction(std::string name, std::string doc) {
  OpSchema s = Reduction(std::move(name), std::move(doc));
  s.inputs[0].type = "bool";
  s.outputs[0].type = "bool";
  s.attrs.erase(s.attrs.begin() + 1);
  s.not_differentiable = "a truth value";
  return s;
}

OpSchema All() {
  return LogicalReduction(
      "All", "Whether all elements along the axes reduction_indices are true.");
}

OpSchema Any() {
  return LogicalReduction(
      "Any", "Whether some element along the axes reduction_indices is true.");
}

OpSchema Max() {
  OpSchema s = Reduction("Max",
                         "The largest element along the axes "
                         "reduction_indices; the lowest value of the type "
                         "where there are none.");
  s.gradient = MaxOrMinGradient;
  return s;
}

OpSchema Mean() {
  OpSchema s = Reduction(
      "Mean",
      "The mean of the elements along the axes reduction_indices; of integers "
      "rounded towards zero.");
  s.gradient = MeanGradient;
  return s;
}

OpSchema Min() {
  OpSchema s = Reduction("Min",
                         "The smallest element along the axes "
                         "reduction_indices; the highest value of the type "
                         "where there are none.");
  s.gradient = MaxOrMinGradient;
  return s;
}

OpSchema Prod() {
  OpSchema s = Reduction(
      "Prod", "The product of the elements along the axes reduction_indices.");
  s.value = ProdValue;
  s.gradient = ProdGradient;
  return s;
}

OpSchema Sum() {
  OpSchema s = Reduction(
      "Sum", "The sum of the elements along the axes reduction_indices.");
  s.value = SumValue;
  s.gradient = SumGradient;
  return s;
}

absl::Status ArgShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(const std::optional<int64_t> dimension,
                           c.integer_input(1));
  const Shape& input = c.input(0);
  if (!input.known_rank()) return c.SetOutput(0, Shape::Unknown());
  TRELLIS_RETURN_IF_ERROR(c.ExpectRankAtLeast(input, 1));
  if (!dimension.has_value()) {
    return c.SetOutput(0, Shape::OfRank(input.rank() - 1));
  }
  TRELLIS_ASSIGN_OR_RETURN(const int axis,
                           c.ResolveAxis(*dimension, input.rank()));
  if (input.dim(axis) == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "axis ", axis, " of shape ", input.ToString(), " has no elements"));
  }
  Shape output = Shape::Scalar();
  for (int i = 0; i < input.rank(); ++i) {
    if (i != axis) output.push_back(input.dim(i));
  }
  return c.SetOutput(0, std::move(output));
}

OpSchema ArgReduction(std::string name, std::string doc) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .inputs = {{"input", "T"}, {"dimension", "Tidx"}},
          .outputs = {{"output", "output_type"}},
          .attrs = {TypeAttr("T", kNumberTypes),
                    TypeAttr("Tidx", kIndexTypes, kInt32),
                    TypeAttr("output_type", kIndexTypes, kInt64)},
          .shape = ArgShape,
          .not_differentiable = "an index"};
}

OpSchema L2Loss() {
  return {
      .name = "L2Loss",
      .doc = "sum(t^2) / 2 over all elements.",
      .inputs = {{"t", "T"}},
      .outputs = {{"output", "T"}},
      .attrs = {TypeAttr("T", kFloatTypes)},
      .shape = ScalarShape,
      .gradient = L2LossGradient,
  };
}

}  // namespace

void RegisterReduceOps(OpRegistry& registry) {
  registry.Add(All());
  registry.Add(Any());
  registry.Add(ArgReduction("ArgMax",
                            "The index of the largest element along an axis, "
                            "of the first of several."));
  registry.Add(ArgReduction("ArgMin",
                            "The index of the smallest element along an axis, "
                            "of the first of several."));
  registry.Add(L2Loss());
  registry.Add(Max());
  registry.Add(Mean());
  registry.Add(Min());
  registry.Add(Prod());
  registry.Add(Sum());
}

}  // namespace trellis
