// Gradients of broadcast operations: what flows back to an operand is summed
// over the axes along which the operand was stretched, and gets its shape.
#ifndef TRELLIS_OPS_UNBROADCAST_H_
#define TRELLIS_OPS_UNBROADCAST_H_

#include <optional>

#include "trellis/graph/gradient_context.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/input.h"

namespace trellis {

// For a node whose two inputs broadcast. Making one adds the nodes that find
// the axes, if such are needed (R6.41); each Reduce adds a Sum and a Reshape,
// or nothing.
class Unbroadcast {
 public:
  // Of Add, Sub, Mul, Pow and SquaredDifference: axes of known shapes are
  // computed at once, and operands of the result's shape stay as they are. For
  // the first use of two shapes in a graph the nodes that could have computed
  // the axes are left behind unused, as TensorFlow leaves them.
  static Unbroadcast Folded(GradientContext& g);

  // Of all others: always from the two shapes, whose nodes are these.
  static Unbroadcast From(GradientContext& g, Output x_shape, Output y_shape);

  // The part of the gradient for operand 0 or 1. REQUIRES: no error in g.
  Output Reduce(GradientContext& g, int operand, Output gradient) const;

 private:
  struct Reduction {
    Input axes;
    Input shape;
  };
  std::optional<Reduction> reductions_[2];
};

// Do both inputs and the gradient of the output have one known shape?
bool ShapesAreEqual(const GradientContext& g);

}  // namespace trellis

#endif  // TRELLIS_OPS_UNBROADCAST_H_
