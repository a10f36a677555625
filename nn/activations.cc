#include "trellis/nn/activations.h"

#include "trellis/ops/softmax_ops.h"
#include "trellis/ops/unary_ops.h"

namespace trellis::nn {

Output Relu(const Scope& scope, Output x) { return ops::Relu(scope, x); }

Output Sigmoid(const Scope& scope, Output x) { return ops::Sigmoid(scope, x); }

Output Tanh(const Scope& scope, Output x) { return ops::Tanh(scope, x); }

Output Softmax(const Scope& scope, Output x) { return ops::Softmax(scope, x); }

}  // namespace trellis::nn
