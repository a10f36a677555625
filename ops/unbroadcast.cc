#include "trellis/ops/unbroadcast.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "trellis/graph/broadcast.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/tensor.h"

namespace trellis {
namespace {

// The pairs of shapes whose axes were computed in a graph.
struct KnownBroadcasts {
  std::set<std::pair<std::vector<int64_t>, std::vector<int64_t>>> shapes;
};

std::vector<int64_t> DimsOf(const Shape& shape) {
  return {shape.dims().begin(), shape.dims().end()};
}

Tensor Int32Vector(absl::Span<const int64_t> values) {
  Tensor vector(kInt32, {static_cast<int64_t>(values.size())});
  std::copy(values.begin(), values.end(), vector.flat<int32_t>().begin());
  return vector;
}

}  // namespace

Unbroadcast Unbroadcast::Folded(GradientContext& g) {
  const Shape x = g.input(0).shape(), y = g.input(1).shape();
  const bool slices = g.output_grad_slices(0) != nullptr;
  if (slices || !x.fully_defined() || !y.fully_defined()) {
    const auto shape_of = [&](int i) {
      return slices ? g.ShapeOf(g.input(i)) : g.Emit("Shape", {g.input(i)});
    };
    const Output x_shape = shape_of(0);
    return From(g, x_shape, shape_of(1));
  }
  Unbroadcast result;
  auto& known = g.node().graph().Attached<KnownBroadcasts>().shapes;
  if (known.emplace(DimsOf(x), DimsOf(y)).second) {
    g.EmitNode("BroadcastGradientArgs",
               {Int32Vector(x.dims()), Int32Vector(y.dims())});
  }
  const absl::StatusOr<BroadcastAxes> axes =
      AxesOfBroadcast(x.dims(), y.dims());
  // The node's shape function has seen that they broadcast.
  if (!axes.ok()) return result;
  const Shape& z = g.output_grad(0).shape();
  if (!(x == z)) {
    result.reductions_[0] = {Int32Vector(axes->x), Int32Vector(x.dims())};
  }
  if (!(y == z)) {
    result.reductions_[1] = {Int32Vector(axes->y), Int32Vector(y.dims())};
  }
  return result;
}

Unbroadcast Unbroadcast::From(GradientContext& g, Output x_shape,
                              Output y_shape) {
  Unbroadcast result;
  Node* axes = g.EmitNode("BroadcastGradientArgs", {x_shape, y_shape});
  if (!g.status().ok()) return result;
  result.reductions_[0] = {axes->output(0), x_shape};
  result.reductions_[1] = {axes->output(1), y_shape};
  return result;
}

Output Unbroadcast::Reduce(GradientContext& g, int operand,
                           Output gradient) const {
  const std::optional<Reduction>& reduction = reductions_[operand];
  if (!reduction.has_value()) return gradient;
  const Output sum = g.Emit("Sum", {gradient, reduction->axes});
  return g.Emit("Reshape", {sum, reduction->shape});
}

bool ShapesAreEqual(const GradientContext& g) {
  const Shape& x = g.input(0).shape();
  return g.output_grad_slices(0) == nullptr && x.fully_defined() &&
         x == g.input(1).shape() && x == g.output_grad(0).shape();
}

}  // namespace trellis
