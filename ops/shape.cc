// What is known of a tensor's extent, as a tensor.
#include <limits>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"

namespace trellis {
namespace {

constexpr absl::string_view kReason = "does not depend on the input's values";

// `size` must be representable in the op's out_type.
absl::Status ExpectFits(ShapeContext& c, int64_t size) {
  if (c.attr<DType>("out_type") == kInt32 &&
      size > std::numeric_limits<int32_t>::max()) {
    return absl::InvalidArgumentError(
        absl::StrCat("size ", size, " does not fit into out_type int32"));
  }
  return absl::OkStatus();
}

absl::Status ShapeShape(ShapeContext& c) {
  for (int i = 0; i < c.num_inputs(); ++i) {
    const Shape& x = c.input(i);
    for (int64_t dim : x.dims()) TRELLIS_RETURN_IF_ERROR(ExpectFits(c, dim));
    TRELLIS_RETURN_IF_ERROR(
        c.SetOutput(i, Shape{x.known_rank() ? x.rank() : kUnknownDim}));
  }
  return absl::OkStatus();
}

std::optional<int64_t> KnownSize(int64_t size) {
  return size < 0 ? std::nullopt : std::optional<int64_t>(size);
}

std::optional<PartialValue> ShapeValue(ShapeContext& c) {
  const Shape& x = c.input(0);
  if (!x.known_rank()) return std::nullopt;
  PartialValue value{.shape = {x.rank()}};
  for (int64_t dim : x.dims()) value.elements.push_back(KnownSize(dim));
  return value;
}

OpSchema ShapeOp() {
  return {
      .name = "Shape",
      .doc = "The shape of the input, as a vector.",
      .inputs = {{"input", "T"}},
      .outputs = {{"output", "out_type"}},
      .attrs = {TypeAttr("T"), TypeAttr("out_type", kIndexTypes, kInt32)},
      .shape = ShapeShape,
      .value = ShapeValue,
      .not_differentiable = std::string(kReason),
      .metadata = true,
  };
}

OpSchema ShapeN() {
  return {
      .name = "ShapeN",
      .doc = "The shapes of the inputs, as vectors.",
      .inputs = {{.name = "input", .type = "T", .number = "N"}},
      .outputs = {{.name = "output", .type = "out_type", .number = "N"}},
      .attrs = {NumberAttr("N"), TypeAttr("T"),
                TypeAttr("out_type", kIndexTypes, kInt32)},
      .shape = ShapeShape,
      .value = ShapeValue,
      .not_differentiable = std::string(kReason),
  };
}

absl::Status SizeShape(ShapeContext& c) {
  TRELLIS_RETURN_IF_ERROR(ExpectFits(c, c.input(0).num_elements()));
  return c.SetOutput(0, Shape::Scalar());
}

std::optional<PartialValue> SizeValue(ShapeContext& c) {
  return PartialValue{.shape = Shape::Scalar(),
                      .elements = {KnownSize(c.input(0).num_elements())}};
}

OpSchema Size() {
  return {
      .name = "Size",
      .doc = "The number of elements of the input.",
      .inputs = {{"input", "T"}},
      .outputs = {{"output", "out_type"}},
      .attrs = {TypeAttr("T"), TypeAttr("out_type", kIndexTypes, kInt32)},
      .shape = SizeShape,
      .value = SizeValue,
      .not_differentiable = std::string(kReason),
      .metadata = true,
  };
}

std::optional<PartialValue> RankValue(ShapeContext& c) {
  return PartialValue{.shape = Shape::Scalar(),
                      .elements = {KnownSize(c.input(0).rank())}};
}

OpSchema Rank() {
  return {
      .name = "Rank",
      .doc = "The number of dimensions of the input.",
      .inputs = {{"input", "T"}},
      .outputs = {{"output", "int32"}},
      .attrs = {TypeAttr("T")},
      .shape = ScalarShape,
      .value = RankValue,
      .not_differentiable = std::string(kReason),
      .metadata = true,
  };
}

}  // namespace

void RegisterShapeOps(OpRegistry& registry) {
  registry.Add(ShapeOp());
  registry.Add(ShapeN());
  registry.Add(Size());
  registry.Add(Rank());
}

}  // namespace trellis
