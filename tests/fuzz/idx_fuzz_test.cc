// Any bytes are an IDX file or an error, and never more than they say.
#include <cstdint>
#include <functional>
#include <numeric>

#include "trellis/base/check.h"
#include "trellis/data/idx.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr trellis::IdxLimits kLimits = {.max_elements = 1 << 20};
  const absl::StatusOr<trellis::IdxArray> array =
      trellis::ParseIdx({data, size}, kLimits);
  if (!array.ok()) return 0;
  const auto& [shape, bytes] = *array;
  TRELLIS_CHECK(!shape.empty() && shape.size() <= kLimits.max_rank);
  TRELLIS_CHECK(std::accumulate(shape.begin(), shape.end(), int64_t{1},
                                std::multiplies<>()) ==
                static_cast<int64_t>(bytes.size()));
  return 0;
}
