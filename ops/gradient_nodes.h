// Nodes that gradients of several families make, as TensorFlow's Python
// functions of the same purpose make and name them.
#ifndef TRELLIS_OPS_GRADIENT_NODES_H_
#define TRELLIS_OPS_GRADIENT_NODES_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/gradient_context.h"
#include "trellis/graph/graph.h"

namespace trellis {

// Unimplemented if the node's output is complex: the gradient then has
// conjugates in it, which no op here computes.
absl::Status ExpectReal(const GradientContext& g);

// The shape of x as a vector of `dtype`, int32 or int64: a Const where it is
// fully known, else a Shape node.
Output ShapeAs(GradientContext& g, Output x, DType dtype);

// x as int32: itself, or a Cast.
Output AsInt32(GradientContext& g, Output x);

// The rank of x, int32: a Const where it is known, else a Rank node.
Output RankOf(GradientContext& g, Output x);

// The number of elements of x, int32: a Const where it is known, else a Size
// node.
Output SizeOf(GradientContext& g, Output x);

// {head, last}: "stack/1" and "stack", int32.
Output StackWith(GradientContext& g, Output head, int32_t last);

// One side of a strided_slice with literal, or computed, bounds.
struct SliceBound {
  int32_t literal = 0;
  Output scalar = {};  // if set, instead of the literal: packed to a vector
};

// x[begin:end] of a vector x, "strided_slice" with "stack", "stack_1" and
// "stack_2". A bit of a mask says that its bound is left out.
Output SliceVector(GradientContext& g, Output x, SliceBound begin,
                   SliceBound end, AttrMap masks);

// The sum of all elements of x: "Const" and "Sum", or "Rank", "range" and "Sum"
// where the rank is not known.
Output SumOfAll(GradientContext& g, Output x);

}  // namespace trellis

#endif  // TRELLIS_OPS_GRADIENT_NODES_H_
