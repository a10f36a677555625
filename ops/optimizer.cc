// One step of an optimizer on one variable. Each comes twice: ApplyX takes
// references and passes the variable's on, ResourceApplyX takes handles.
//
// Hyper-parameters are scalars of the variable's dtype; the slot variables and
// the gradient have the variable's shape.
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"

namespace trellis {
namespace {

enum class Flavor { kReference, kResource };

// The shape of the variable that input i refers to.
Shape VariableShape(ShapeContext& c, int i) {
  if (c.input_dtype(i) != kResource) return c.input(i);
  const HandleInfo* handle = c.input_handle(i);
  return handle == nullptr ? Shape::Unknown() : handle->shape;
}

// Variables are the inputs before the first scalar; `grad` has their shape.
absl::Status ApplyShape(ShapeContext& c) {
  const OpSchema& schema = *c.node().schema();
  Shape shape;
  for (int i = 0; i < c.num_inputs(); ++i) {
    const ArgSchema& arg = schema.inputs[i];
    if (arg.effect != Effect::kNone) {
      if (const HandleInfo* handle = c.input_handle(i)) {
        if (handle->dtype != c.attr<DType>("T")) {
          return absl::InvalidArgumentError(absl::StrCat(
              "variable ", arg.name, " is ", DTypeName(handle->dtype),
              ", but T is ", DTypeName(c.attr<DType>("T"))));
        }
      }
      TRELLIS_ASSIGN_OR_RETURN(shape, c.Merge(shape, VariableShape(c, i)));
    } else if (arg.name == "grad" || arg.name == "delta") {
      TRELLIS_ASSIGN_OR_RETURN(shape, c.Merge(shape, c.input(i)));
    } else {
      TRELLIS_RETURN_IF_ERROR(c.ExpectRank(i, 0).status());
    }
  }
  return c.num_outputs() == 0 ? absl::OkStatus()
                              : c.SetOutput(0, std::move(shape));
}

OpSchema Apply(Flavor flavor, std::string rule, std::string doc,
               std::vector<std::string> variables,
               std::vector<std::string> values, bool nesterov) {
  OpSchema schema = {
      .name = absl::StrCat(
          flavor == Flavor::kResource ? "ResourceApply" : "Apply", rule),
      .doc = std::move(doc),
      .attrs = {TypeAttr("T", kNumberTypes), BoolAttr("use_locking", false)},
      .shape = ApplyShape,
      .not_differentiable = "changes variables",
      .stateful = flavor == Flavor::kResource,
  };
  if (nesterov) schema.attrs.push_back(BoolAttr("use_nesterov", false));
  for (std::string& name : variables) {
    schema.inputs.push_back(
        {.name = std::move(name),
         .type = flavor == Flavor::kResource ? "resource" : "T",
         .is_ref = flavor == Flavor::kReference,
         .effect = Effect::kUpdate});
  }
  for (std::string& name : values) {
    schema.inputs.push_back({.name = std::move(name), .type = "T"});
  }
  if (flavor == Flavor::kReference) {
    schema.outputs = {
        {.name = "out", .type = "T", .is_ref = true, .forwards_ref = 0}};
  }
  return schema;
}

OpSchema ApplyGradientDescent(Flavor flavor) {
  return Apply(flavor, "GradientDescent", "var -= alpha * delta (R7.9).",
               {"var"}, {"alpha", "delta"}, /*nesterov=*/false);
}

OpSchema ApplyMomentum(Flavor flavor) {
  return Apply(flavor, "Momentum",
               "accum = accum * momentum + grad, then var -= lr * accum; with "
               "use_nesterov, var -= lr * grad + lr * momentum * accum "
               "(R7.10).",
               {"var", "accum"}, {"lr", "grad", "momentum"}, /*nesterov=*/true);
}

OpSchema ApplyAdam(Flavor flavor) {
  return Apply(
      flavor, "Adam",
      "A step of Adam (R7.14, with use_nesterov R7.15).\n\n"
      "alpha = lr * sqrt(1 - beta2_power) / (1 - beta1_power); "
      "m += (1 - beta1) * (grad - m); "
      "v += (1 - beta2) * (grad * grad - v); "
      "var -= alpha * m / (sqrt(v) + epsilon).",
      {"var", "m", "v"},
      {"beta1_power", "beta2_power", "lr", "beta1", "beta2", "epsilon", "grad"},
      /*nesterov=*/true);
}

}  // namespace

void RegisterOptimizerOps(OpRegistry& registry) {
  for (Flavor flavor : {Flavor::kReference, Flavor::kResource}) {
    registry.Add(ApplyGradientDescent(flavor));
    registry.Add(ApplyMomentum(flavor));
    registry.Add(ApplyAdam(flavor));
  }
}

}  // namespace trellis
