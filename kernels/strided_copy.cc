#include "trellis/kernels/strided_copy.h"

#include "absl/strings/str_cat.h"

namespace trellis {

std::vector<int64_t> RowMajorStrides(const Shape& shape) {
  std::vector<int64_t> strides(shape.rank());
  int64_t stride = 1;
  for (int d = shape.rank() - 1; d >= 0; --d) {
    strides[d] = stride;
    stride *= shape.dim(d);
  }
  return strides;
}

absl::Status AddDim(StridedCopy& copy, int64_t size, int64_t x_stride,
                    int64_t y_stride) {
  if (copy.AddDim(size, x_stride, y_stride)) return absl::OkStatus();
  return absl::UnimplementedError(
      absl::StrCat("copies of more than ", StridedCopy::kMaxDims,
                   " dimensions are not supported"));
}

}  // namespace trellis
