// Dropout: in training, elements of x become 0 with the probability `rate`, and
// the others are multiplied by 1 / (1 - rate), so that the mean stays (VTS
// 2.2). Otherwise the result is x.
//
//   x     any shape, float32 or float64
//   rate  a number in [0, 1), or a scalar tensor of the type of x
//
// Elements are drawn anew in every run; `seed` is the operation's, see
// graph/seeds.h. Nodes and names are TensorFlow's (R1.27, E3.2a).
//
// Errors, in the graph's status: InvalidArgument for another rate.
#ifndef TRELLIS_NN_DROPOUT_H_
#define TRELLIS_NN_DROPOUT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "trellis/graph/graph.h"
#include "trellis/graph/input.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/source_location.h"

namespace trellis::nn {

struct DropoutOptions {
  std::optional<int64_t> seed = std::nullopt;
  std::string scope = "";  // "": a new one, "dropout", "dropout_1", ...
};

Output Dropout(const Scope& scope, Output x, const Input& rate, bool training,
               const DropoutOptions& options = {},
               SourceLocation location = std::source_location::current());

}  // namespace trellis::nn

#endif  // TRELLIS_NN_DROPOUT_H_
