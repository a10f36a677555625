// The same elements under another shape: views.
#include <algorithm>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/checked_int.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/gradient_context.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"
#include "trellis/ops/partial_values.h"

namespace trellis {
namespace {

// The value of a view: the elements of the input under the shape that `shape`
// finds.
template <ShapeFunction shape>
std::optional<PartialValue> ValueUnderNewShape(ShapeContext& c) {
  std::optional<PartialValue> value = c.partial_input(0);
  if (!value.has_value() || !shape(c).ok()) return std::nullopt;
  const Shape& result = c.outputs()[0];
  if (result.rank() > 1 || result.num_elements() != value->elements.size()) {
    return std::nullopt;
  }
  value->shape = result;
  return value;
}

// The product of the known dimensions, and how many are not known.
// REQUIRES: a shape of known rank, whose product fits (Shape::Make).
struct Extent {
  explicit Extent(const Shape& shape) {
    for (int64_t dim : shape.dims()) {
      if (dim == kUnknownDim) {
        ++unknown;
      } else {
        known *= dim;
      }
    }
  }
  int64_t known = 1;
  int unknown = 0;
};

absl::Status DoesNotFit(const Shape& from, const Shape& to) {
  return absl::InvalidArgumentError(
      absl::StrCat("shape ", from.ToString(), " cannot become ", to.ToString(),
                   ": the numbers of elements differ"));
}

// How many elements of the shape input are -1. InvalidArgument if several.
absl::StatusOr<int> CountWildcards(ShapeContext& c) {
  const std::optional<PartialValue> sizes = c.partial_input(1);
  if (!sizes.has_value()) return 0;
  const auto wildcards =
      std::count(sizes->elements.begin(), sizes->elements.end(), -1);
  if (wildcards > 1) {
    return absl::InvalidArgumentError(
        "only one element of the shape may be -1");
  }
  return static_cast<int>(wildcards);
}

absl::Status ReshapeShape(ShapeContext& c) {
  TRELLIS_RETURN_IF_ERROR(c.ExpectRank(1, 1).status());
  TRELLIS_ASSIGN_OR_RETURN(const int wildcards, CountWildcards(c));
  TRELLIS_ASSIGN_OR_RETURN(Shape to, c.input_as_shape(1));
  const Shape& from = c.input(0);
  if (!to.known_rank() || !from.known_rank()) {
    return c.SetOutput(0, std::move(to));
  }
  const Extent have(from), want(to);
  if (have.unknown == 0 && want.unknown == 0) {
    if (have.known != want.known) return DoesNotFit(from, to);
  } else if (have.unknown == 0 && want.known == 0) {
    // Any size of the unknown dimensions makes an empty tensor.
    if (have.known != 0) return DoesNotFit(from, to);
    if (wildcards > 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("-1 says nothing in the empty shape ", to.ToString()));
    }
  } else if (have.unknown == 0 && want.unknown == 1) {
    if (have.known % want.known != 0) return DoesNotFit(from, to);
    for (int i = 0; i < to.rank(); ++i) {
      if (to.dim(i) == kUnknownDim) to.set_dim(i, have.known / want.known);
    }
  } else if (want.unknown == 0) {
    if (have.known == 0 ? want.known != 0 : want.known % have.known != 0) {
      return DoesNotFit(from, to);
    }
  }
  return c.SetOutput(0, std::move(to));
}

// dy in the shape of the input; a second input has no gradient.
absl::Status ViewGradient(GradientContext& g) {
  const Output shape = g.ShapeOf(g.input(0));
  g.set_input_grad(0, g.Emit("Reshape", {g.output_grad(0), shape}));
  return g.status();
}

OpSchema Reshape() {
  return {
      .name = "Reshape",
      .doc =
          "The elements of tensor under another shape.\n\n"
          "One element of shape may be -1: that dimension is what is left.",
      .inputs = {{"tensor", "T"}, {"shape", "Tshape"}},
      .outputs = {{"output", "T"}},
      .attrs = {TypeAttr("T"), TypeAttr("Tshape", kIndexTypes, kInt32)},
      .shape = ReshapeShape,
      .value = ValueUnderNewShape<ReshapeShape>,
      .gradient = ViewGradient,
      .view_of = 0,
  };
}

absl::Status ExpandDimsShape(ShapeContext& c) {
  const Shape& x = c.input(0);
  TRELLIS_ASSIGN_OR_RETURN(const std::optional<int> axis,
                           AxisInput(c, 1, x.known_rank() ? x.rank() + 1 : -1));
  if (!x.known_rank()) return c.SetOutput(0, Shape::Unknown());
  if (!axis.has_value()) return c.SetOutput(0, Shape::OfRank(x.rank() + 1));
  std::vector<int64_t> dims(x.dims().begin(), x.dims().end());
  dims.insert(dims.begin() + *axis, 1);
  return c.SetOutput(0, Shape(dims));
}

OpSchema ExpandDims() {
  return {
      .name = "ExpandDims",
      .doc =
          "The input with a dimension of size 1 inserted before dimension "
          "dim.\n\nA negative dim counts from the end of the result.",
      .inputs = {{"input", "T"}, {"dim", "Tdim"}},
      .outputs = {{"output", "T"}},
      .attrs = {TypeAttr("T"), TypeAttr("Tdim", kIndexTypes, kInt32)},
      .shape = ExpandDimsShape,
      .value = ValueUnderNewShape<ExpandDimsShape>,
      .gradient = ViewGradient,
      .view_of = 0,
  };
}

absl::Status SqueezeShape(ShapeContext& c) {
  const Shape& x = c.input(0);
  if (!x.known_rank()) return c.SetOutput(0, Shape::Unknown());
  std::vector<bool> named(x.rank());
  const auto axes = c.attr<std::vector<int64_t>>("squeeze_dims");
  for (int64_t axis : axes) {
    TRELLIS_ASSIGN_OR_RETURN(const int i, c.ResolveAxis(axis, x.rank()));
    named[i] = true;
  }
  Shape y = Shape::Scalar();
  for (int i = 0; i < x.rank(); ++i) {
    if (axes.empty()) {
      // Whether an unknown dimension goes away is not known.
      if (x.dim(i) == kUnknownDim) return c.SetOutput(0, Shape::Unknown());
      if (x.dim(i) != 1) y.push_back(x.dim(i));
    } else if (named[i]) {
      TRELLIS_RETURN_IF_ERROR(
          c.Expect(absl::StrCat("squeezed dimension ", i), x.dim(i), 1)
              .status());
    } else {
      y.push_back(x.dim(i));
    }
  }
  return c.SetOutput(0, std::move(y));
}

OpSchema Squeeze() {
  return {
      .name = "Squeeze",
      .doc =
          "The input without its dimensions of size 1: those in "
          "squeeze_dims, or all if it is empty.",
      .inputs = {{"input", "T"}},
      .outputs = {{"output", "T"}},
      .attrs = {TypeAttr("T"),
                {.name = "squeeze_dims",
                 .kind = "list(int)",
                 .default_value = std::vector<int64_t>(),
                 .minimum = 0}},
      .shape = SqueezeShape,
      .value = ValueUnderNewShape<SqueezeShape>,
      .gradient = ViewGradient,
      .view_of = 0,
  };
}

}  // namespace

void RegisterReshapeOps(OpRegistry& registry) {
  registry.Add(Reshape());
  registry.Add(ExpandDims());
  registry.Add(Squeeze());
}

}  // namespace trellis
