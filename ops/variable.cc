// TensorFlow-1 variables: a tensor of the session that nodes reach through a
// reference. The reference's shape is what graph and assignments agree on.
//
// A plan resolves VariableV2 by name (shared_name, else the node's): it makes
// no step, and no kernel exists for it.
#include "absl/status/status.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"

namespace trellis {
namespace {

absl::Status VariableShape(ShapeContext& c) {
  return c.SetOutput(0, c.attr<Shape>("shape"));
}

OpSchema VariableV2() {
  return {
      .name = "VariableV2",
      .doc =
          "A variable of the session, as a reference to it.\n\n"
          "Nodes of one shared_name (else of one name) and container share "
          "a variable.",
      .outputs = {{.name = "ref", .type = "dtype", .is_ref = true}},
      .attrs = {{.name = "shape", .kind = "shape"},
                TypeAttr("dtype"),
                StringAttr("container", ""),
                StringAttr("shared_name", "")},
      .shape = VariableShape,
      .not_differentiable = "has no inputs",
      .stateful = true,
      .variable = true,
  };
}

absl::Status AssignShape(ShapeContext& c) {
  if (!c.attr<bool>("validate_shape")) return c.SetOutput(0, c.input(1));
  TRELLIS_ASSIGN_OR_RETURN(Shape shape, c.Merge(c.input(0), c.input(1)));
  return c.SetOutput(0, std::move(shape));
}

OpSchema Assign() {
  return {
      .name = "Assign",
      .doc =
          "Sets the variable to value.\n\n"
          "With validate_shape the value must have the variable's shape; "
          "without, the variable takes the value's.",
      .inputs = {{.name = "ref",
                  .type = "T",
                  .is_ref = true,
                  .effect = Effect::kWrite},
                 {"value", "T"}},
      .outputs = {{.name = "output_ref",
                   .type = "T",
                   .is_ref = true,
                   .forwards_ref = 0}},
      .attrs = {TypeAttr("T"), BoolAttr("validate_shape", true),
                BoolAttr("use_locking", true)},
      .shape = AssignShape,
      .not_differentiable = "changes a variable",
      .allows_uninitialized_input = true,
  };
}

absl::Status UpdateShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(Shape shape, c.Merge(c.input(0), c.input(1)));
  return c.SetOutput(0, std::move(shape));
}

OpSchema Update(std::string name, std::string doc) {
  return {
      .name = std::move(name),
      .doc = std::move(doc),
      .inputs = {{.name = "ref",
                  .type = "T",
                  .is_ref = true,
                  .effect = Effect::kUpdate},
                 {"value", "T"}},
      .outputs = {{.name = "output_ref",
                   .type = "T",
                   .is_ref = true,
                   .forwards_ref = 0}},
      .attrs = {TypeAttr("T", kNumberTypes), BoolAttr("use_locking", false)},
      .shape = UpdateShape,
      .not_differentiable = "changes a variable",
  };
}

OpSchema IsVariableInitialized() {
  return {
      .name = "IsVariableInitialized",
      .doc = "Has the variable ever been assigned?",
      .inputs = {{.name = "ref",
                  .type = "dtype",
                  .is_ref = true,
                  .effect = Effect::kRead}},
      .outputs = {{"is_initialized", "bool"}},
      .attrs = {TypeAttr("dtype")},
      .shape = ScalarShape,
      .not_differentiable = "does not depend on the variable's value",
      .allows_uninitialized_input = true,
  };
}

}  // namespace

void RegisterVariableOps(OpRegistry& registry) {
  registry.Add(VariableV2());
  registry.Add(Assign());
  registry.Add(Update("AssignAdd", "Adds value to the variable."));
  registry.Add(Update("AssignSub", "Subtracts value from the variable."));
  registry.Add(IsVariableInitialized());
}

}  // namespace trellis
