#include "trellis/graph/broadcast.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace trellis {

absl::StatusOr<BroadcastAxes> AxesOfBroadcast(absl::Span<const int64_t> x,
                                              absl::Span<const int64_t> y) {
  BroadcastAxes axes;
  if (x == y) return axes;
  const int64_t rank = std::max(x.size(), y.size());
  // The length along axis i of the result, 1 where the operand lacks it.
  const auto length = [rank](absl::Span<const int64_t> dims, int64_t i) {
    const int64_t missing = rank - static_cast<int64_t>(dims.size());
    return i < missing ? 1 : dims[i - missing];
  };
  for (int64_t i = 0; i < rank; ++i) {
    const int64_t nx = length(x, i), ny = length(y, i);
    if (nx != ny && nx != 1 && ny != 1) {
      return absl::InvalidArgumentError(absl::StrCat(
          "shapes [", absl::StrJoin(x, ","), "] and [", absl::StrJoin(y, ","),
          "] do not broadcast: axis ", i, " is ", nx, " and ", ny));
    }
    if (nx == 1) axes.x.push_back(i);
    if (ny == 1) axes.y.push_back(i);
  }
  return axes;
}

}  // namespace trellis
