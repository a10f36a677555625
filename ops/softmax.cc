// Softmax and the cross entropies that go with it.
#include "trellis/base/status_macros.h"
#include "trellis/graph/shape_context.h"
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

OpSchema LogSoftmax() {
  return {
      .name = "LogSoftmax",
      .doc = "logits - log(sum(exp(logits))), along the last axis.",
      .inputs = {{"logits", "T"}},
      .outputs = {{"logsoftmax", "T"}},
      .attrs = {TypeAttr("T", kFloatTypes)},
      .shape = SoftmaxShape,
      .not_differentiable = "gradient to come",
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
      .not_differentiable = "gradient to come",
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
      .not_differentiable = "gradient to come",
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
      .not_differentiable = "gradient to come",
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
