// A bias per channel, and its gradient.
#include <string>
#include <utility>
#include <vector>

#include "trellis/base/status_macros.h"
#include "trellis/graph/gradient_context.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"
#include "trellis/ops/gradient_nodes.h"

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

absl::Status BiasAddGradient(GradientContext& g) {
  const Output dy = g.output_grad(0);
  g.set_input_grad(0, dy);
  g.set_input_grad(
      1, g.Emit("BiasAddGrad", {dy},
                {{"data_format", g.attr<std::string>("data_format")}}));
  return g.status();
}

// An int32 vector of as many ones as x has elements.
Output OnesLike(GradientContext& g, Output x) {
  const auto scope = g.NameScope("ones_like");
  const Output shape = g.ShapeOf(x);
  const Output one = g.Constant(Tensor::Scalar<int32_t>(1));
  return g.Emit("Fill", {shape, one}, {}, g.scope().path());
}

// The gradient per channel, repeated along all other axes: under the shape
// [1, ..., C, 1, ...] it is tiled [d0, ..., 1, d2, ...] times.
absl::Status BiasAddGradGradient(GradientContext& g) {
  const Output dy = g.output_grad(0);
  const Output shape = g.ShapeOf(g.input(0));
  const Output channels = g.ShapeOf(dy);
  const bool channels_first = g.attr<std::string>("data_format") == "NCHW";
  const int32_t end = channels_first ? 1 : -1;
  const auto before = [&] {
    return SliceVector(g, shape, {0}, {end}, {{"begin_mask", 1}});
  };
  const auto after = [&] {
    return SliceVector(g, shape, {2}, {0}, {{"end_mask", 1}});
  };
  const auto concat = [&](std::initializer_list<Input> parts) {
    std::vector<Input> inputs(parts);
    inputs.push_back(0);
    Node* node = g.EmitNode("ConcatV2", inputs, {}, "concat");
    return node->output();
  };
  Output bias_shape, multiples;
  if (channels_first) {
    const Output ones = OnesLike(g, before());
    bias_shape = concat({ones, channels, OnesLike(g, after())});
    const Output head = before();
    multiples = concat({head, Tensor::Of<int32_t>({1}), after()});
  } else {
    bias_shape = concat({OnesLike(g, before()), channels});
    multiples = concat({before(), Tensor::Of<int32_t>({1})});
  }
  const Output bias = g.Emit("Reshape", {dy, bias_shape});
  g.set_input_grad(0, g.Emit("Tile", {bias, multiples}));
  return g.status();
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
      .gradient = BiasAddGradient,
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
      .gradient = BiasAddGradGradient,
  };
}

}  // namespace

void RegisterBiasOps(OpRegistry& registry) {
  registry.Add(BiasAdd());
  registry.Add(BiasAddGrad());
}

}  // namespace trellis
