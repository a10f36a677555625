// A few operations with TensorFlow's names for tests of graph/, which knows
// nothing of ops/.
#ifndef TRELLIS_TESTS_GRAPH_TEST_OPS_H_
#define TRELLIS_TESTS_GRAPH_TEST_OPS_H_

#include "trellis/base/status_macros.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"

namespace trellis::testing {

inline absl::Status ConstShape(ShapeContext& c) {
  const Tensor value = c.attr<Tensor>("value");
  if (value.dtype() != c.attr<DType>("dtype")) {
    return absl::InvalidArgumentError("value and dtype differ");
  }
  return c.SetOutput(0, value.shape());
}

inline absl::Status PlaceholderShape(ShapeContext& c) {
  return c.SetOutput(0, c.attr<Shape>("shape"));
}

inline absl::Status MatMulShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(const Shape a, c.ExpectRank(0, 2));
  TRELLIS_ASSIGN_OR_RETURN(const Shape b, c.ExpectRank(1, 2));
  TRELLIS_RETURN_IF_ERROR(
      c.Expect("inner dimension", a.dim(1), b.dim(0)).status());
  return c.SetOutput(0, {a.dim(0), b.dim(1)});
}

// Const, Placeholder, Identity, Add, MatMul, AddN, NoOp, and the ops of loops.
inline void RegisterTestOps(OpRegistry& ops) {
  const auto add = [&](OpSchema schema) {
    schema.doc = "For tests.";
    schema.not_differentiable = "for tests";
    ops.Add(std::move(schema));
  };
  const AttrSchema t = TypeAttr("T");
  add({.name = "Const",
       .outputs = {{"output", "dtype"}},
       .attrs = {{.name = "value", .kind = "tensor"}, TypeAttr("dtype")},
       .shape = ConstShape});
  add({.name = "Placeholder",
       .outputs = {{"output", "dtype"}},
       .attrs = {TypeAttr("dtype"),
                 {.name = "shape",
                  .kind = "shape",
                  .default_value = Shape::Unknown()}},
       .shape = PlaceholderShape});
  add({.name = "Identity",
       .inputs = {{"input", "T"}},
       .outputs = {{"output", "T"}},
       .attrs = {t},
       .shape = UnchangedShape});
  add({.name = "Add",
       .inputs = {{"x", "T"}, {"y", "T"}},
       .outputs = {{"z", "T"}},
       .attrs = {t},
       .shape = BroadcastShape});
  add({.name = "MatMul",
       .inputs = {{"a", "T"}, {"b", "T"}},
       .outputs = {{"product", "T"}},
       .attrs = {t, BoolAttr("transpose_a", false),
                 BoolAttr("transpose_b", false)},
       .shape = MatMulShape});
  add({.name = "AddN",
       .inputs = {{"inputs", "T", "N"}},
       .outputs = {{"sum", "T"}},
       .attrs = {NumberAttr("N"), t},
       .shape = UnchangedShape});
  add({.name = "NoOp", .shape = NoOutputs});
  add({.name = "Enter",
       .inputs = {{"data", "T"}},
       .outputs = {{"output", "T"}},
       .attrs = {t,
                 {.name = "frame_name", .kind = "string"},
                 BoolAttr("is_constant", false),
                 IntAttr("parallel_iterations", 10)},
       .shape = UnchangedShape});
  add({.name = "Exit",
       .inputs = {{"data", "T"}},
       .outputs = {{"output", "T"}},
       .attrs = {t},
       .shape = UnchangedShape});
  add({.name = "NextIteration",
       .inputs = {{"data", "T"}},
       .outputs = {{"output", "T"}},
       .attrs = {t},
       .shape = UnchangedShape});
  add({.name = "Merge",
       .inputs = {{"inputs", "T", "N"}},
       .outputs = {{"output", "T"}, {"value_index", "int32"}},
       .attrs = {NumberAttr("N"), t},
       .shape = UnknownShape});
  add({.name = "Switch",
       .inputs = {{"data", "T"}, {"pred", "bool"}},
       .outputs = {{"output_false", "T"}, {"output_true", "T"}},
       .attrs = {t},
       .shape = UnknownShape});
  add({.name = "LoopCond",
       .inputs = {{"input", "bool"}},
       .outputs = {{"output", "bool"}},
       .shape = UnchangedShape});
  add({.name = "IdentityN",
       .inputs = {{"values", "Ts"}},
       .outputs = {{"outputs", "Ts"}},
       .attrs = {{.name = "Ts", .kind = "list(type)", .minimum = 0}},
       .shape = UnknownShape});
}

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_GRAPH_TEST_OPS_H_
