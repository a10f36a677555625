// Softmax and the cross entropies that go with it.
#include <optional>
#include <utility>

#include "trellis/base/status_macros.h"
#include "trellis/graph/gradient_context.h"
#include "trellis/graph/infer_shapes.h"
#include "trellis/graph/shape_context.h"
#include "trellis/graph/zeros.h"
#include "trellis/ops/families.h"

namespace trellis {
namespace {

absl::Status SoftmaxShape(ShapeContext& c) {
  TRELLIS_RETURN_IF_ERROR(c.ExpectRankAtLeast(c.input(0), 1));
  return UnchangedShape(c);
}

// loss [n], backprop [n, classes].
absl::Status SetLossAndBackprop(ShapeContext& c, Shape features) {
  TRELLIS_RETURN_IF_ERROR(c.SetOutput(0, Shape{features.dim(0)}));
  return c.SetOutput(1, std::move(features));
}

absl::Status CrossEntropyShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(Shape shape, c.Broadcast(c.input(0), c.input(1)));
  if (!shape.known_rank()) shape = Shape::OfRank(2);
  if (shape.rank() != 2) {
    return absl::InvalidArgumentError(
        "features and labels must broadcast to a matrix, they give " +
        shape.ToString());
  }
  return SetLossAndBackprop(c, std::move(shape));
}

absl::Status SparseCrossEntropyShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(Shape features, c.ExpectRank(0, 2));
  TRELLIS_ASSIGN_OR_RETURN(const Shape labels, c.ExpectRank(1, 1));
  TRELLIS_ASSIGN_OR_RETURN(
      const int64_t n,
      c.Expect("number of labels", labels.dim(0), features.dim(0)));
  features.set_dim(0, n);
  if (features.dim(1) == 0) {
    return absl::InvalidArgumentError(
        "features of shape " + features.ToString() +
        " have no classes, must have one or more");
  }
  return SetLossAndBackprop(c, std::move(features));
}

// The sum along the last axis, which stays.
Output SumOfRows(GradientContext& g, Output x) {
  return g.Emit("Sum", {x, -1}, {{"keep_dims", true}});
}

// (dy - sum(dy y)) y
absl::Status SoftmaxGradient(GradientContext& g) {
  const Output y = g.output(0), dy = g.output_grad(0);
  const Output sum = SumOfRows(g, g.Emit("Mul", {dy, y}, {}, "mul"));
  const Output difference = g.Emit("Sub", {dy, sum}, {}, "sub");
  g.set_input_grad(0, g.Emit("Mul", {difference, y}, {}, "mul"));
  return g.status();
}

// dy - sum(dy) exp(y)
absl::Status LogSoftmaxGradient(GradientContext& g) {
  const Output dy = g.output_grad(0);
  const Output softmax = g.Emit("Exp", {g.output(0)});
  const Output sum = SumOfRows(g, dy);
  const Output product = g.Emit("Mul", {sum, softmax}, {}, "mul");
  g.set_input_grad(0, g.Emit("Sub", {dy, product}, {}, "sub"));
  return g.status();
}

// A factor per row times a matrix.
Output ScaleRows(GradientContext& g, Output factors, Output matrix) {
  const Output column = g.Emit("ExpandDims", {factors, -1});
  return g.Emit("Mul", {column, matrix}, {}, "mul");
}

bool IsZero(Output x) {
  if (x.node->op() == "ZerosLike") return true;
  const std::optional<Tensor> value = ConstantValue(x);
  return value.has_value() &&
         value->SameAs(ZeroTensor(value->dtype(), value->shape()));
}

absl::Status CrossEntropyGradient(GradientContext& g) {
  if (!IsZero(g.output_grad(1))) {
    return absl::UnimplementedError(
        "the second derivative of SoftmaxCrossEntropyWithLogits is not "
        "available; use LogSoftmax and Mul");
  }
  const Output loss_grad = g.output_grad(0);
  g.set_input_grad(0, ScaleRows(g, loss_grad, g.output(1)));
  const Output logs = g.Emit("LogSoftmax", {g.input(0)});
  g.set_input_grad(1, ScaleRows(g, loss_grad, g.Emit("Neg", {logs})));
  return g.status();
}

// R6.28: no second derivative. The message is data of graphs that TensorFlow
// writes.
constexpr char kNoSecondDerivative[] =
    "Currently there is no way to take the second derivative of "
    "sparse_softmax_cross_entropy_with_logits due to the fused "
    "implementation's interaction with tf.gradients()";

absl::Status SparseCrossEntropyGradient(GradientContext& g) {
  const Output backprop = g.Emit("PreventGradient", {g.output(1)},
                                 {{"message", kNoSecondDerivative}});
  g.set_input_grad(0, ScaleRows(g, g.output_grad(0), backprop));
  return g.status();
}

OpSchema LogSoftmax() {
  return {
      .name = "LogSoftmax",
      .doc = "logits - log(sum(exp(logits))), along the last axis.",
      .inputs = {{"logits", "T"}},
      .outputs = {{"logsoftmax", "T"}},
      .attrs = {TypeAttr("T", kFloatTypes)},
      .shape = SoftmaxShape,
      .gradient = LogSoftmaxGradient,
      .in_place = {0},
  };
}

OpSchema Softmax() {
  return {
      .name = "Softmax",
      .doc = "exp(logits) / sum(exp(logits)), along the last axis.",
      .inputs = {{"logits", "T"}},
      .outputs = {{"softmax", "T"}},
      .attrs = {TypeAttr("T", kFloatTypes)},
      .shape = SoftmaxShape,
      .gradient = SoftmaxGradient,
      .in_place = {0},
  };
}

OpSchema SoftmaxCrossEntropyWithLogits() {
  return {
      .name = "SoftmaxCrossEntropyWithLogits",
      .doc =
          "The cross entropy of Softmax(features) relative to labels, a "
          "distribution over the classes for each row, and its derivative "
          "for the features. The two shapes broadcast.",
      .inputs = {{"features", "T"}, {"labels", "T"}},
      .outputs = {{"loss", "T"}, {"backprop", "T"}},
      .attrs = {TypeAttr("T", kFloatTypes)},
      .shape = CrossEntropyShape,
      .gradient = CrossEntropyGradient,
  };
}

OpSchema SparseSoftmaxCrossEntropyWithLogits() {
  return {
      .name = "SparseSoftmaxCrossEntropyWithLogits",
      .doc =
          "The cross entropy of Softmax(features) relative to labels, the "
          "index of the true class for each row, and its derivative for "
          "the features. A label outside of [0, classes) is an error.",
      .inputs = {{"features", "T"}, {"labels", "Tlabels"}},
      .outputs = {{"loss", "T"}, {"backprop", "T"}},
      .attrs = {TypeAttr("T", kFloatTypes),
                TypeAttr("Tlabels", kIndexTypes, kInt64)},
      .shape = SparseCrossEntropyShape,
      .gradient = SparseCrossEntropyGradient,
  };
}

}  // namespace

void RegisterSoftmaxOps(OpRegistry& registry) {
  registry.Add(LogSoftmax());
  registry.Add(Softmax());
  registry.Add(SoftmaxCrossEntropyWithLogits());
  registry.Add(SparseSoftmaxCrossEntropyWithLogits());
}

}  // namespace trellis
