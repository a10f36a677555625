#include <utility>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/gradient_context.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"

namespace trellis {
namespace {

absl::Status SelectShape(ShapeContext& c) {
  const Shape& condition = c.input(0);
  TRELLIS_ASSIGN_OR_RETURN(Shape data, c.Merge(c.input(1), c.input(2)));
  if (condition.rank() == 0 || !condition.known_rank()) {
    return c.SetOutput(0, std::move(data));
  }
  if (condition.rank() != 1) {
    TRELLIS_ASSIGN_OR_RETURN(data, c.Merge(data, condition));
  } else if (data.known_rank()) {
    if (data.rank() == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("the condition has shape ", condition.ToString(),
                       ", must be a scalar as t and e are"));
    }
    TRELLIS_ASSIGN_OR_RETURN(
        const int64_t rows,
        c.Expect("length of the condition", condition.dim(0), data.dim(0)));
    data.set_dim(0, rows);
  }
  return c.SetOutput(0, std::move(data));
}

absl::Status SelectGradient(GradientContext& g) {
  const Output condition = g.input(0), dy = g.output_grad(0);
  const Output zeros = g.ZerosLike(g.input(1));
  g.set_input_grad(1, g.Emit("Select", {condition, dy, zeros}));
  g.set_input_grad(2, g.Emit("Select", {condition, zeros, dy}));
  return g.status();
}

OpSchema Select() {
  return {
      .name = "Select",
      .doc =
          "t where the condition is true, e elsewhere. The condition has the "
          "shape of t and e, or is a scalar, or a vector that chooses among "
          "their rows.",
      .inputs = {{"condition", "bool"}, {"t", "T"}, {"e", "T"}},
      .outputs = {{"output", "T"}},
      .attrs = {TypeAttr("T")},
      .shape = SelectShape,
      .gradient = SelectGradient,
      .in_place = {1, 2},
  };
}

}  // namespace

void RegisterSelectOps(OpRegistry& registry) { registry.Add(Select()); }

}  // namespace trellis
