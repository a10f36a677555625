// Shapes and zeros as nodes, folded into constants where they are known while
// the graph is built, as TensorFlow's `shape` and `zeros_like` are.
#ifndef TRELLIS_GRAPH_ZEROS_H_
#define TRELLIS_GRAPH_ZEROS_H_

#include <source_location>

#include "absl/strings/string_view.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/source_location.h"
#include "trellis/graph/tensor.h"

namespace trellis {

// A tensor of zeros (false, ""). REQUIRES: a type that host tensors can have
// and a shape that is fully defined.
Tensor ZeroTensor(DType dtype, const Shape& shape);

// The shape of x, an int32 vector: a Const where it is fully known, else a
// Shape node (R1.33).
Output ShapeOf(const Scope& scope, Output x, absl::string_view name = "Shape",
               SourceLocation location = std::source_location::current());

// Zeros of a known shape: a Const, or from 1000 elements on a Fill (R2.47).
Output Zeros(const Scope& scope, const Shape& shape, DType dtype,
             absl::string_view name = "zeros",
             SourceLocation location = std::source_location::current());
// Zeros of a shape that is a tensor: a Fill of "<name>/Const".
Output Zeros(const Scope& scope, Output shape, DType dtype,
             absl::string_view name = "zeros",
             SourceLocation location = std::source_location::current());

// Zeros of the type and shape of x: those of a known shape, else a ZerosLike.
Output ZerosLike(const Scope& scope, Output x,
                 absl::string_view name = "zeros_like",
                 SourceLocation location = std::source_location::current());

// Zeros of the shape of the variable that a resource tensor refers to; a Fill
// below a constant shape where that is known, else below a VariableShape.
Output ZerosLikeVariable(
    const Scope& scope, Output handle,
    SourceLocation location = std::source_location::current());

}  // namespace trellis

#endif  // TRELLIS_GRAPH_ZEROS_H_
