// Where a caller's tensors enter the graph.
#include "absl/status/status.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/gradient_context.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"

namespace trellis {
namespace {

// The first GraphDef version in which the shape [] means a scalar; before, it
// was how "not given" was written.
constexpr int kFirstProducerWithScalars = 24;

absl::Status PlaceholderShape(ShapeContext& c) {
  Shape shape = c.attr<Shape>("shape");
  if (shape.rank() == 0 &&
      c.node().graph().versions().producer < kFirstProducerWithScalars) {
    shape = Shape::Unknown();
  }
  return c.SetOutput(0, std::move(shape));
}

OpSchema Placeholder() {
  return {
      .name = "Placeholder",
      .doc =
          "A tensor that every run which needs it must feed.\n\n"
          "A fed value's shape must be compatible with attribute shape.",
      .outputs = {{"output", "dtype"}},
      .attrs = {TypeAttr("dtype"),
                {.name = "shape",
                 .kind = "shape",
                 .default_value = Shape::Unknown()}},
      .shape = PlaceholderShape,
      .not_differentiable = "has no inputs",
      .must_be_fed = true,
  };
}

// What is fed may have any shape that the attribute allows, so the shape of the
// default says nothing more.
absl::Status PlaceholderWithDefaultShape(ShapeContext& c) {
  const Shape shape = c.attr<Shape>("shape");
  TRELLIS_RETURN_IF_ERROR(c.Merge(c.input(0), shape).status());
  return c.SetOutput(0, shape);
}

absl::Status PlaceholderWithDefaultGradient(GradientContext& g) {
  g.set_input_grad(0, g.output_grad(0));
  return g.status();
}

OpSchema PlaceholderWithDefault() {
  return {
      .name = "PlaceholderWithDefault",
      .doc = "A tensor that a run may feed; input otherwise.",
      .inputs = {{"input", "dtype"}},
      .outputs = {{"output", "dtype"}},
      .attrs = {TypeAttr("dtype"), {.name = "shape", .kind = "shape"}},
      .shape = PlaceholderWithDefaultShape,
      .gradient = PlaceholderWithDefaultGradient,
      .view_of = 0,
  };
}

}  // namespace

void RegisterPlaceholderOps(OpRegistry& registry) {
  registry.Add(Placeholder());
  registry.Add(PlaceholderWithDefault());
}

}  // namespace trellis
