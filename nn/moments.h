// Mean and variance of a tensor along some of its dimensions.
#ifndef TRELLIS_NN_MOMENTS_H_
#define TRELLIS_NN_MOMENTS_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/source_location.h"

namespace trellis::nn {

struct Moments {
  Output mean;
  Output variance;  // biased: divided by the number of values
};

// The moments of x over `axes`, which are left out of the result's shape. The
// nodes are TensorFlow's (R8.16); no gradient goes through the mean inside the
// variance, which is zero anyway (R8.10).
Moments AddMoments(const Scope& scope, Output x,
                   const std::vector<int64_t>& axes,
                   absl::string_view name = "moments",
                   SourceLocation location = std::source_location::current());

}  // namespace trellis::nn

#endif  // TRELLIS_NN_MOMENTS_H_
