#include <utility>

#include "trellis/base/status_macros.h"
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

OpSchema AddN() {
  return {
      .name = "AddN",
      .doc = "The sum of N tensors of one shape, from the first to the last.",
      .inputs = {{"inputs", "T", "N"}},
      .outputs = {{"sum", "T"}},
      .attrs = {NumberAttr("N"),
                TypeAttr("T", kNumberTypes | DTypeSet{kVariant})},
      .shape = AddNShape,
      .not_differentiable = "gradient to come",
      .in_place = {0},
  };
}

}  // namespace

void RegisterAddNOps(OpRegistry& registry) { registry.Add(AddN()); }

}  // namespace trellis
