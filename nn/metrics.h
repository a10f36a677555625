// What a trained model is judged by.
//
// Errors become the graph's status; the result is then its error node.
#ifndef TRELLIS_NN_METRICS_H_
#define TRELLIS_NN_METRICS_H_

#include "absl/strings/string_view.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/source_location.h"

namespace trellis::nn {

// A float32 scalar: the share of a batch whose largest logit, the first where
// several are equal, is that of its label.
//
//   labels  [n], int32 or int64
//   logits  [n, classes]
Output Accuracy(const Scope& scope, Output labels, Output logits,
                absl::string_view name = "accuracy",
                SourceLocation location = std::source_location::current());

}  // namespace trellis::nn

#endif  // TRELLIS_NN_METRICS_H_
