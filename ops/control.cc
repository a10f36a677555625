// Ops that are there for what must happen, not for a value.
#include "absl/status/status.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"

namespace trellis {
namespace {

OpSchema NoOp() {
  return {
      .name = "NoOp",
      .doc = "Does nothing; a place for control dependencies.",
      .shape = NoOutputs,
      .not_differentiable = "has no outputs",
  };
}

absl::Status AssertShape(ShapeContext& c) {
  return c.ExpectRank(0, 0).status();
}

OpSchema Assert() {
  return {
      .name = "Assert",
      .doc =
          "Stops the run with InvalidArgument unless condition is true.\n\n"
          "The error shows summarize elements of each tensor of data (-1: "
          "all).",
      .inputs = {{"condition", "bool"}, {"data", "T"}},
      .attrs = {{.name = "T", .kind = "list(type)", .minimum = 1},
                IntAttr("summarize", 3)},
      .shape = AssertShape,
      .not_differentiable = "has no outputs",
      .stateful = true,
  };
}

}  // namespace

void RegisterControlOps(OpRegistry& registry) {
  registry.Add(NoOp());
  registry.Add(Assert());
}

}  // namespace trellis
