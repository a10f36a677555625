// The copies of strided_copy_fn.h, built and run by kernels.
#ifndef TRELLIS_KERNELS_STRIDED_COPY_H_
#define TRELLIS_KERNELS_STRIDED_COPY_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "trellis/graph/shape.h"
#include "trellis/kernels/strided_copy_fn.h"

namespace trellis {

// Row-major strides of a fully defined shape.
std::vector<int64_t> RowMajorStrides(const Shape& shape);

// StridedCopy::AddDim. Unimplemented where that has no place for it.
absl::Status AddDim(StridedCopy& copy, int64_t size, int64_t x_stride,
                    int64_t y_stride);

// Runs the copy on a device.
template <typename Device, typename Context, typename T>
absl::Status RunStridedCopy(Context& c, const StridedCopy& copy, const T* x,
                            T* y) {
  return Device::ForRanges(c, copy.num_elements(), Device::kCopyGrain,
                           StridedCopyFn<T>{copy, x, y});
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_STRIDED_COPY_H_
