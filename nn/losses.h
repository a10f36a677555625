// What training makes small. A loss is a scalar of the type of its inputs;
// losses are found again through the collections LOSSES and
// REGULARIZATION_LOSSES.
//
// Errors become the graph's status; the result is then its error node.
#ifndef TRELLIS_NN_LOSSES_H_
#define TRELLIS_NN_LOSSES_H_

#include "absl/strings/string_view.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/source_location.h"

namespace trellis::nn {

// The mean over the batch of
//
//   log(sum_c exp(logits[i, c])) - logits[i, labels[i]]
//
// (VTS 1.3), added to LOSSES.
//
//   labels  [n], int32 or int64, in [0, classes); others are an error when run
//   logits  [n, classes], float32 or float64
Output SparseSoftmaxCrossEntropy(
    const Scope& scope, Output labels, Output logits,
    absl::string_view name = "loss",
    SourceLocation location = std::source_location::current());

// The sum of REGULARIZATION_LOSSES; 0 where there are none.
Output RegularizationLoss(
    const Scope& scope, absl::string_view name = "total_regularization_loss",
    SourceLocation location = std::source_location::current());

// The sum of LOSSES and REGULARIZATION_LOSSES; where that is one loss, itself.
// InvalidArgument if LOSSES is empty.
Output TotalLoss(const Scope& scope, absl::string_view name = "total_loss",
                 SourceLocation location = std::source_location::current());

}  // namespace trellis::nn

#endif  // TRELLIS_NN_LOSSES_H_
