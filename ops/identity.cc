// Ops that pass their inputs on: the value is a view of the input.
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/gradient_context.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"

namespace trellis {
namespace {

absl::Status SameShapes(ShapeContext& c) {
  for (int i = 0; i < c.num_inputs(); ++i) {
    TRELLIS_RETURN_IF_ERROR(c.SetOutput(i, c.input(i)));
    if (const HandleInfo* handle = c.input_handle(i)) {
      TRELLIS_RETURN_IF_ERROR(c.SetOutputHandle(i, *handle));
    }
  }
  return absl::OkStatus();
}

std::optional<PartialValue> ValueOfInput(ShapeContext& c) {
  return c.partial_input(0);
}

absl::Status IdentityGradient(GradientContext& g) {
  for (int i = 0; i < g.num_inputs(); ++i) {
    if (g.has_output_grad(i)) g.set_input_grad(i, g.output_grad(i));
  }
  return g.status();
}

OpSchema Identity() {
  return {
      .name = "Identity",
      .doc = "The input, unchanged. Of a variable's reference: its value.",
      .inputs = {{"input", "T"}},
      .outputs = {{"output", "T"}},
      .attrs = {TypeAttr("T")},
      .shape = SameShapes,
      .value = ValueOfInput,
      .gradient = IdentityGradient,
      .view_of = 0,
  };
}

OpSchema IdentityN() {
  return {
      .name = "IdentityN",
      .doc = "The inputs, unchanged; all of them are there before any output.",
      .inputs = {{"input", "T"}},
      .outputs = {{"output", "T"}},
      .attrs = {{.name = "T", .kind = "list(type)", .minimum = 1}},
      .shape = SameShapes,
      .value = ValueOfInput,
      .gradient = IdentityGradient,
  };
}

OpSchema StopGradient() {
  return {
      .name = "StopGradient",
      .doc = "The input, as a constant to symbolic gradients.",
      .inputs = {{"input", "T"}},
      .outputs = {{"output", "T"}},
      .attrs = {TypeAttr("T")},
      .shape = SameShapes,
      .value = ValueOfInput,
      .not_differentiable = "stops gradients on purpose",
      .view_of = 0,
  };
}

absl::Status PreventGradientGradient(GradientContext& g) {
  return absl::UnimplementedError(
      absl::StrCat("a gradient through ", g.node().DebugName(),
                   " is prevented: ", g.attr<std::string>("message")));
}

OpSchema PreventGradient() {
  return {
      .name = "PreventGradient",
      .doc =
          "The input; asking for a gradient through it is an error that "
          "says message.",
      .inputs = {{"input", "T"}},
      .outputs = {{"output", "T"}},
      .attrs = {TypeAttr("T"), StringAttr("message", "")},
      .shape = SameShapes,
      .value = ValueOfInput,
      .gradient = PreventGradientGradient,
      .view_of = 0,
  };
}

}  // namespace

void RegisterIdentityOps(OpRegistry& registry) {
  registry.Add(Identity());
  registry.Add(IdentityN());
  registry.Add(StopGradient());
  registry.Add(PreventGradient());
}

}  // namespace trellis
