// The position in the input, as the trainer puts it into its checkpoints.
#ifndef TRELLIS_TESTS_E2E_POSITION_H_
#define TRELLIS_TESTS_E2E_POSITION_H_

#include <cstdint>

#include "trellis/data/batches.h"
#include "trellis/graph/tensor.h"

namespace trellis::testing {

inline constexpr char kPosition[] = "input_position";

inline Tensor ToTensor(const BatchesState& s) {
  return Tensor::Of<int64_t>(
      {static_cast<int64_t>(s.seed), s.count, s.epoch, s.offset});
}

// REQUIRES: a tensor from above.
inline BatchesState ToBatchesState(const Tensor& tensor) {
  const absl::Span<const int64_t> v = tensor.flat<int64_t>();
  return {static_cast<uint64_t>(v[0]), v[1], v[2], v[3]};
}

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_E2E_POSITION_H_
