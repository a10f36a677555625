// A fully connected layer:
//
//   y = activation(x * kernel + bias)
//
//   x       [n, inputs]; n may be unknown, float32 or float64
//   kernel  [inputs, units]
//   bias    [units]
//
// Makes, or shares, the variables "kernel" and "bias" of the layer's scope, of
// the data type of x, in this order (R3.4). Returns y [n, units]. Names are
// those of TensorFlow's `layers.dense` (E3.1).
//
// Errors, in the graph's status: InvalidArgument if x is not of rank 2, if
// `inputs` is unknown, or if units < 1; what GetVariable says.
#ifndef TRELLIS_NN_DENSE_H_
#define TRELLIS_NN_DENSE_H_

#include <cstdint>
#include <string>

#include "trellis/graph/graph.h"
#include "trellis/graph/initializers.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/source_location.h"
#include "trellis/graph/variable_scope.h"
#include "trellis/nn/activations.h"

namespace trellis::nn {

struct DenseOptions {
  Activation activation = nullptr;
  bool use_bias = true;
  // Not set: the variable scope's, else Glorot uniform.
  Initializer kernel_initializer = {};
  Initializer bias_initializer = ZerosInitializer();
  Regularizer kernel_regularizer = nullptr;
  Regularizer bias_regularizer = nullptr;
  bool trainable = true;
  Reuse reuse = Reuse::kNone;  // needs a scope
  std::string scope = "";      // "": a new one, "dense", "dense_1", ...
};

Output Dense(const Scope& scope, Output x, int64_t units,
             const DenseOptions& options = {},
             SourceLocation location = std::source_location::current());

}  // namespace trellis::nn

#endif  // TRELLIS_NN_DENSE_H_
