// A bias per channel, and its gradient.
#include "trellis/base/status_macros.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"

namespace trellis {
namespace {

AttrSchema DataFormatAttr() {
  AttrSchema attr = StringAttr("data_format", "NHWC");
  attr.allowed_strings = {"NHWC", "NCHW"};
  return attr;
}

// The axis of channels of `shape`, whose rank is known and is checked: the last
// one, or 1 with NCHW.
absl::StatusOr<int> ChannelAxis(ShapeContext& c, const Shape& shape) {
  const bool channels_first = c.attr<std::string>("data_format") == "NCHW";
  TRELLIS_RETURN_IF_ERROR(c.ExpectRankAtLeast(shape, channels_first ? 3 : 2));
  return channels_first ? 1 : shape.rank() - 1;
}

absl::Status BiasAddShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(const Shape bias, c.ExpectRank(1, 1));
  Shape value = c.input(0);
  if (!value.known_rank()) return c.SetOutput(0, Shape::Unknown());
  TRELLIS_ASSIGN_OR_RETURN(const int axis, ChannelAxis(c, value));
  TRELLIS_ASSIGN_OR_RETURN(
      const int64_t channels,
      c.Expect("length of bias", bias.dim(0), value.dim(axis)));
  value.set_dim(axis, channels);
  return c.SetOutput(0, std::move(value));
}

absl::Status BiasAddGradShape(ShapeContext& c) {
  const Shape& gradient = c.input(0);
  if (!gradient.known_rank()) return c.SetOutput(0, Shape::OfRank(1));
  TRELLIS_ASSIGN_OR_RETURN(const int axis, ChannelAxis(c, gradient));
  return c.SetOutput(0, Shape{gradient.dim(axis)});
}

OpSchema BiasAdd() {
  return {
      .name = "BiasAdd",
      .doc =
          "value + bias, where bias has one element per channel. Channels "
          "are the last axis, or axis 1 if data_format is NCHW.",
      .inputs = {{"value", "T"}, {"bias", "T"}},
      .outputs = {{"output", "T"}},
      .attrs = {TypeAttr("T", kNumberTypes), DataFormatAttr()},
      .shape = BiasAddShape,
      .not_differentiable = "gradient to come",
      .in_place = {0},
  };
}

OpSchema BiasAddGrad() {
  return {
      .name = "BiasAddGrad",
      .doc =
          "out_backprop summed over all axes but that of the channels: the "
          "gradient of BiasAdd for its bias.",
      .inputs = {{"out_backprop", "T"}},
      .outputs = {{"output", "T"}},
      .attrs = {TypeAttr("T", kNumberTypes), DataFormatAttr()},
      .shape = BiasAddGradShape,
      .not_differentiable = "gradient to come",
  };
}

}  // namespace

void RegisterBiasOps(OpRegistry& registry) {
  registry.Add(BiasAdd());
  registry.Add(BiasAddGrad());
}

}  // namespace trellis
