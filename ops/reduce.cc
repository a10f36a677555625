// Reductions along axes that are given by value.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "trellis/base/checked_int.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"
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
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema Mean() {
  OpSchema s = Reduction(
      "Mean",
      "The mean of the elements along the axes reduction_indices; of integers "
      "rounded towards zero.");
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema Min() {
  OpSchema s = Reduction("Min",
                         "The smallest element along the axes "
                         "reduction_indices; the highest value of the type "
                         "where there are none.");
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema Prod() {
  OpSchema s = Reduction(
      "Prod", "The product of the elements along the axes reduction_indices.");
  s.value = ProdValue;
  s.not_differentiable = "gradient to come";
  return s;
}

OpSchema Sum() {
  OpSchema s = Reduction(
      "Sum", "The sum of the elements along the axes reduction_indices.");
  s.value = SumValue;
  s.not_differentiable = "gradient to come";
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
      .not_differentiable = "gradient to come",
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
