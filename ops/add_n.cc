#include <utility>

#include "trellis/base/status_macros.h"
#include "trellis/graph/gradient_context.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"

namespace trellis {
namespace {

absl::Status AddNShape(ShapeContext& c) {
  Shape shape = c.input(0);
  for (int i = 1; i < c.num_inputs(); ++i) {
    TRELLIS_ASSIGN_OR_RETURN(shape, c.Merge(shape, c.input(i)));
  }
  return c.SetOutput(0, std::move(shape));
}

absl::Status AddNGradient(GradientContext& g) {
  for (int i = 0; i < g.num_inputs(); ++i) {
    g.set_input_grad(i, g.output_grad(0));
  }
  return g.status();
}

OpSchema AddN() {
  return {
      .name = "AddN",
      .doc = "The sum of N tensors of one shape, from the first to the last.",
      .inputs = {{"inputs", "T", "N"}},
      .outputs = {{"sum", "T"}},
      .attrs = {NumberAttr("N"),
                TypeAttr("T", kNumberTypes | DTypeSet{kVariant})},
      .shape = AddNShape,
      .gradient = AddNGradient,
      .in_place = {0},
  };
}

}  // namespace

void RegisterAddNOps(OpRegistry& registry) { registry.Add(AddN()); }

}  // namespace trellis
