// Resource variables: a tensor of the session that nodes reach through a
// handle, a scalar of dtype resource. What the handle refers to travels with it
// as HandleInfo.
//
// A plan resolves VarHandleOp by name (shared_name, else the node's): it makes
// no step, and no kernel exists for it.
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/gradient_context.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"

namespace trellis {
namespace {

absl::Status VarHandleShape(ShapeContext& c) {
  TRELLIS_RETURN_IF_ERROR(c.SetOutputHandle(
      0, {.dtype = c.attr<DType>("dtype"), .shape = c.attr<Shape>("shape")}));
  return c.SetOutput(0, Shape::Scalar());
}

OpSchema VarHandleOp() {
  return {
      .name = "VarHandleOp",
      .doc =
          "The handle of a variable of the session.\n\n"
          "Nodes of one shared_name (else of one name) and container share "
          "a variable.",
      .outputs = {{"resource", "resource"}},
      .attrs = {StringAttr("container", ""),
                StringAttr("shared_name", ""),
                TypeAttr("dtype"),
                {.name = "shape", .kind = "shape"}},
      .shape = VarHandleShape,
      .not_differentiable = "has no inputs",
      .stateful = true,
      .variable = true,
  };
}

// The shape of the variable that input 0 refers to. InvalidArgument if the
// variable is known not to have the dtype that the node states.
absl::StatusOr<Shape> VariableShapeOf(ShapeContext& c) {
  TRELLIS_RETURN_IF_ERROR(c.ExpectRank(0, 0).status());
  const HandleInfo* handle = c.input_handle(0);
  if (handle == nullptr) return Shape::Unknown();
  const DType stated = c.attr<DType>("dtype");
  if (handle->dtype != stated) {
    return absl::InvalidArgumentError(
        absl::StrCat("the variable is ", DTypeName(handle->dtype),
                     ", but attribute dtype is ", DTypeName(stated)));
  }
  return handle->shape;
}

absl::Status ReadShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(Shape shape, VariableShapeOf(c));
  return c.SetOutput(0, std::move(shape));
}

// The gradient of a variable is that of its reads, at its handle.
absl::Status ReadVariableGradient(GradientContext& g) {
  g.set_input_grad(0, g.output_grad(0));
  return g.status();
}

OpSchema ReadVariableOp() {
  return {
      .name = "ReadVariableOp",
      .doc = "The value of the variable.",
      .inputs = {{.name = "resource",
                  .type = "resource",
                  .effect = Effect::kRead}},
      .outputs = {{"value", "dtype"}},
      .attrs = {TypeAttr("dtype")},
      .shape = ReadShape,
      .gradient = ReadVariableGradient,
      .stateful = true,
      .view_of = 0,
  };
}

absl::Status AssignShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(const Shape shape, VariableShapeOf(c));
  return c.Merge(shape, c.input(1)).status();
}

OpSchema Assignment(std::string name, std::string doc, DTypeSet types,
                    Effect effect) {
  return {
      .name = std::move(name),
      .doc = std::move(doc),
      .inputs = {{.name = "resource", .type = "resource", .effect = effect},
                 {"value", "dtype"}},
      .attrs = {TypeAttr("dtype", types)},
      .shape = AssignShape,
      .not_differentiable = "changes a variable",
      .stateful = true,
      .allows_uninitialized_input = effect == Effect::kWrite,
  };
}

OpSchema VarIsInitializedOp() {
  return {
      .name = "VarIsInitializedOp",
      .doc = "Has the variable ever been assigned?",
      .inputs = {{.name = "resource",
                  .type = "resource",
                  .effect = Effect::kRead}},
      .outputs = {{"is_initialized", "bool"}},
      .shape = ScalarShape,
      .not_differentiable = "does not depend on the variable's value",
      .stateful = true,
      .allows_uninitialized_input = true,
  };
}

absl::Status VariableShapeShape(ShapeContext& c) {
  const HandleInfo* handle = c.input_handle(0);
  return c.SetOutput(0, Shape{handle != nullptr && handle->shape.known_rank()
                                  ? handle->shape.rank()
                                  : kUnknownDim});
}

std::optional<PartialValue> VariableShapeValue(ShapeContext& c) {
  const HandleInfo* handle = c.input_handle(0);
  if (handle == nullptr || !handle->shape.known_rank()) return std::nullopt;
  PartialValue value{.shape = {handle->shape.rank()}};
  for (int64_t dim : handle->shape.dims()) {
    value.elements.push_back(dim < 0 ? std::nullopt
                                     : std::optional<int64_t>(dim));
  }
  return value;
}

OpSchema VariableShape() {
  return {
      .name = "VariableShape",
      .doc = "The shape of the variable, as a vector.",
      .inputs = {{.name = "input",
                  .type = "resource",
                  .effect = Effect::kRead}},
      .outputs = {{"output", "out_type"}},
      .attrs = {TypeAttr("out_type", kIndexTypes, kInt32)},
      .shape = VariableShapeShape,
      .value = VariableShapeValue,
      .not_differentiable = "does not depend on the variable's value",
      .stateful = true,
  };
}

}  // namespace

void RegisterResourceVariableOps(OpRegistry& registry) {
  registry.Add(VarHandleOp());
  registry.Add(ReadVariableOp());
  registry.Add(Assignment("AssignVariableOp", "Sets the variable to value.",
                          kAllTypes, Effect::kWrite));
  registry.Add(Assignment("AssignAddVariableOp", "Adds value to the variable.",
                          kAllTypes, Effect::kUpdate));
  registry.Add(Assignment("AssignSubVariableOp",
                          "Subtracts value from the variable.", kAllTypes,
                          Effect::kUpdate));
  registry.Add(VarIsInitializedOp());
  registry.Add(VariableShape());
}

}  // namespace trellis
