// Texts.
#include "absl/status/status.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"

namespace trellis {
namespace {

// Scalars go with any shape; the other inputs must agree.
absl::Status StringJoinShape(ShapeContext& c) {
  Shape y = Shape::Scalar();
  bool all_scalars = true;
  for (int i = 0; i < c.num_inputs(); ++i) {
    const Shape& x = c.input(i);
    if (x.rank() == 0) continue;
    if (!x.known_rank()) return c.SetOutput(0, Shape::Unknown());
    TRELLIS_ASSIGN_OR_RETURN(y, c.Merge(all_scalars ? x : y, x));
    all_scalars = false;
  }
  return c.SetOutput(0, std::move(y));
}

OpSchema StringJoin() {
  return {
      .name = "StringJoin",
      .doc =
          "The inputs joined element by element, with separator between "
          "them.",
      .inputs = {{.name = "inputs", .type = "string", .number = "N"}},
      .outputs = {{"output", "string"}},
      .attrs = {NumberAttr("N"), StringAttr("separator", "")},
      .shape = StringJoinShape,
      .not_differentiable = "computes with strings",
  };
}

}  // namespace

void RegisterStringOps(OpRegistry& registry) { registry.Add(StringJoin()); }

}  // namespace trellis
