// Losses that variables add (R2.48 - R2.50): values for GetVariable's and a
// variable scope's `regularizer`.
#ifndef TRELLIS_GRAPH_REGULARIZERS_H_
#define TRELLIS_GRAPH_REGULARIZERS_H_

#include "trellis/graph/variable_scope.h"

namespace trellis {

// scale * sum(v^2) / 2. A scale of 0 adds nothing.
Regularizer L2Regularizer(double scale);
// scale * sum(|v|). A scale of 0 adds nothing.
Regularizer L1Regularizer(double scale);
// The sum of both.
Regularizer L1L2Regularizer(double l1, double l2);
// None, where one is inherited.
Regularizer NoRegularizer();

}  // namespace trellis

#endif  // TRELLIS_GRAPH_REGULARIZERS_H_
