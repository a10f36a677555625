// Batch normalization over all dimensions but the last:
//
//   y = gamma * (x - mean) / sqrt(variance + epsilon) + beta
//
//   x      [..., channels]; float32 or float64, channels known
//   gamma, beta, moving_mean, moving_variance
//          variables [channels] of the layer's scope and of the data type of x,
//          made or shared in this order; the last two are not trainable (R8.4)
//
// In training, mean and (biased) variance are those of x (R8.10), and two nodes
// that move the moving statistics towards them,
//
//   moving <- moving - (moving - batch) * (1 - momentum)
//
// are added to UPDATE_OPS (R8.11 - R8.14). Nothing else runs these: Optimizer::
// Minimize does, unless told not to. Not in training, the moving statistics are
// used and nothing is updated.
//
// Returns y, of the shape and data type of x. The operation is composed of
// others, with the nodes of TensorFlow 1.15 (R8.16, R8.18).
//
// Errors, in the graph's status: InvalidArgument for an unknown rank, rank 0 or
// unknown channels, momentum outside of [0, 1], epsilon <= 0; what GetVariable
// says.
#ifndef TRELLIS_NN_BATCH_NORM_H_
#define TRELLIS_NN_BATCH_NORM_H_

#include <string>

#include "trellis/graph/graph.h"
#include "trellis/graph/initializers.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/source_location.h"
#include "trellis/graph/variable_scope.h"

namespace trellis::nn {

struct BatchNormOptions {
  double momentum = 0.99;
  double epsilon = 1e-3;
  bool center = true;  // add beta
  bool scale = true;   // multiply by gamma
  Initializer beta_initializer = ZerosInitializer();
  Initializer gamma_initializer = OnesInitializer();
  Initializer moving_mean_initializer = ZerosInitializer();
  Initializer moving_variance_initializer = OnesInitializer();
  Regularizer beta_regularizer = nullptr;
  Regularizer gamma_regularizer = nullptr;
  bool trainable = true;       // gamma and beta
  Reuse reuse = Reuse::kNone;  // needs a scope
  std::string scope = "";      // "": a new one, "batch_normalization", ...
};

Output BatchNorm(const Scope& scope, Output x, bool training,
                 const BatchNormOptions& options = {},
                 SourceLocation location = std::source_location::current());

}  // namespace trellis::nn

#endif  // TRELLIS_NN_BATCH_NORM_H_
