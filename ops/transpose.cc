// The order of dimensions.
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/gradient_context.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"
#include "trellis/ops/partial_values.h"

namespace trellis {
namespace {

// The inverse of the permutation that the known elements of `perm` are part of.
// InvalidArgument if they cannot be.
absl::StatusOr<std::vector<std::optional<int64_t>>> Invert(
    const PartialValue& perm) {
  const int64_t n = perm.elements.size();
  std::vector<std::optional<int64_t>> inverse(n);
  for (int64_t i = 0; i < n; ++i) {
    if (!perm.elements[i].has_value()) continue;
    const int64_t axis = *perm.elements[i];
    if (axis < 0 || axis >= n || inverse[axis].has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "element ", i, " is ", axis, ": no permutation of 0 to ", n - 1));
    }
    inverse[axis] = i;
  }
  return inverse;
}

absl::Status TransposeShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(const Shape length, c.ExpectRank(1, 1));
  const Shape& x = c.input(0);
  TRELLIS_ASSIGN_OR_RETURN(const int64_t rank,
                           c.Expect("length of perm", length.dim(0),
                                    x.known_rank() ? x.rank() : kUnknownDim));
  if (rank < 0 || rank > kMaxRank) return c.SetOutput(0, Shape::Unknown());
  Shape y = Shape::OfRank(static_cast<int>(rank));
  const std::optional<PartialValue> perm = c.partial_input(1);
  if (!perm.has_value()) return c.SetOutput(0, std::move(y));
  TRELLIS_RETURN_IF_ERROR(c.Merge(perm->shape, {rank}).status());
  TRELLIS_RETURN_IF_ERROR(Invert(*perm).status());
  for (int i = 0; i < rank; ++i) {
    if (x.known_rank() && perm->elements[i].has_value()) {
      y.set_dim(i, x.dim(static_cast<int>(*perm->elements[i])));
    }
  }
  return c.SetOutput(0, std::move(y));
}

absl::Status TransposeGradient(GradientContext& g) {
  const Output inverse = g.Emit("InvertPermutation", {g.input(1)});
  g.set_input_grad(
      0, g.Emit("Transpose", {g.output_grad(0), inverse}, {}, "transpose"));
  return g.status();
}

OpSchema Transpose() {
  return {
      .name = "Transpose",
      .doc =
          "The input with its dimensions in another order: dimension i of "
          "y is dimension perm[i] of x.",
      .inputs = {{"x", "T"}, {"perm", "Tperm"}},
      .outputs = {{"y", "T"}},
      .attrs = {TypeAttr("T"), TypeAttr("Tperm", kIndexTypes, kInt32)},
      .shape = TransposeShape,
      .gradient = TransposeGradient,
  };
}

absl::Status InvertPermutationShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(Shape y, c.ExpectRank(0, 1));
  if (const std::optional<PartialValue> x = c.partial_input(0)) {
    TRELLIS_RETURN_IF_ERROR(Invert(*x).status());
  }
  return c.SetOutput(0, std::move(y));
}

std::optional<PartialValue> InvertPermutationValue(ShapeContext& c) {
  const std::optional<PartialValue> x = c.partial_input(0);
  if (!x.has_value() || x->shape.rank() != 1) return std::nullopt;
  auto inverse = Invert(*x);
  if (!inverse.ok()) return std::nullopt;
  return PartialValue{.shape = x->shape, .elements = *std::move(inverse)};
}

OpSchema InvertPermutation() {
  return {
      .name = "InvertPermutation",
      .doc = "y[x[i]] = i for a permutation x of 0, 1, ...",
      .inputs = {{"x", "T"}},
      .outputs = {{"y", "T"}},
      .attrs = {TypeAttr("T", kIndexTypes, kInt32)},
      .shape = InvertPermutationShape,
      .value = InvertPermutationValue,
      .not_differentiable = "computes with axes",
  };
}

}  // namespace

void RegisterTransposeOps(OpRegistry& registry) {
  registry.Add(Transpose());
  registry.Add(InvertPermutation());
}

}  // namespace trellis
