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

absl::Status StridedCopy::AddDim(int64_t size, int64_t x_stride,
                                 int64_t y_stride) {
  num_elements_ *= size;
  if (size == 1) return absl::OkStatus();
  if (dims_ > 0) {
    const int last = dims_ - 1;
    if (x_stride_[last] == x_stride * size &&
        y_stride_[last] == y_stride * size) {
      size_[last] *= size;
      x_stride_[last] = x_stride;
      y_stride_[last] = y_stride;
      return absl::OkStatus();
    }
  }
  if (dims_ == kMaxDims) {
    return absl::UnimplementedError(absl::StrCat(
        "copies of more than ", kMaxDims, " dimensions are not supported"));
  }
  size_[dims_] = size;
  x_stride_[dims_] = x_stride;
  y_stride_[dims_] = y_stride;
  ++dims_;
  return absl::OkStatus();
}

}  // namespace trellis
