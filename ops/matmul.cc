#include "trellis/base/status_macros.h"
#include "trellis/graph/gradient_context.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"
#include "trellis/ops/gradient_nodes.h"

namespace trellis {
namespace {

absl::Status MatMulShape(ShapeContext& c) {
  TRELLIS_ASSIGN_OR_RETURN(const Shape a, c.ExpectRank(0, 2));
  TRELLIS_ASSIGN_OR_RETURN(const Shape b, c.ExpectRank(1, 2));
  const bool transpose_a = c.attr<bool>("transpose_a");
  const bool transpose_b = c.attr<bool>("transpose_b");
  TRELLIS_RETURN_IF_ERROR(c.Expect("inner dimension of b",
                                   b.dim(transpose_b ? 1 : 0),
                                   a.dim(transpose_a ? 0 : 1))
                              .status());
  return c.SetOutput(
      0, Shape{a.dim(transpose_a ? 1 : 0), b.dim(transpose_b ? 0 : 1)});
}

absl::Status MatMulGradient(GradientContext& g) {
  TRELLIS_RETURN_IF_ERROR(ExpectReal(g));
  const Output a = g.input(0), b = g.input(1), dy = g.output_grad(0);
  const bool transpose_a = g.attr<bool>("transpose_a");
  const bool transpose_b = g.attr<bool>("transpose_b");
  const auto product = [&](Output left, bool transpose_left, Output right,
                           bool transpose_right) {
    return g.Emit(
        "MatMul", {left, right},
        {{"transpose_a", transpose_left}, {"transpose_b", transpose_right}});
  };
  // dy b' and its transpose, where b' is b as it was multiplied; likewise a.
  g.set_input_grad(0, transpose_a ? product(b, transpose_b, dy, true)
                                  : product(dy, false, b, !transpose_b));
  g.set_input_grad(1, transpose_b ? product(dy, true, a, transpose_a)
                                  : product(a, !transpose_a, dy, false));
  return g.status();
}

OpSchema MatMul() {
  return {
      .name = "MatMul",
      .doc =
          "The matrix product of a and b, each of which may be transposed "
          "first.",
      .inputs = {{"a", "T"}, {"b", "T"}},
      .outputs = {{"product", "T"}},
      .attrs = {BoolAttr("transpose_a", false), BoolAttr("transpose_b", false),
                TypeAttr("T", kFloatTypes | kComplexTypes |
                                  DTypeSet{kInt32, kInt64})},
      .shape = MatMulShape,
      .gradient = MatMulGradient,
  };
}

}  // namespace

void RegisterMatMulOps(OpRegistry& registry) { registry.Add(MatMul()); }

}  // namespace trellis
