// Element-wise functions that layers apply to their result.
#ifndef TRELLIS_NN_ACTIVATIONS_H_
#define TRELLIS_NN_ACTIVATIONS_H_

#include <functional>

#include "trellis/graph/graph.h"
#include "trellis/graph/scope.h"

namespace trellis::nn {

// A function of a tensor, whose nodes are made in the scope; not set: none.
using Activation = std::function<Output(const Scope&, Output)>;

// max(x, 0)
Output Relu(const Scope& scope, Output x);
// 1 / (1 + exp(-x))
Output Sigmoid(const Scope& scope, Output x);
Output Tanh(const Scope& scope, Output x);
// exp(x) / sum(exp(x)) along the last dimension
Output Softmax(const Scope& scope, Output x);

}  // namespace trellis::nn

#endif  // TRELLIS_NN_ACTIVATIONS_H_
