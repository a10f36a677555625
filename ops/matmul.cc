#include "trellis/base/status_macros.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"

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
      .not_differentiable = "gradient to come",
  };
}

}  // namespace

void RegisterMatMulOps(OpRegistry& registry) { registry.Add(MatMul()); }

}  // namespace trellis
