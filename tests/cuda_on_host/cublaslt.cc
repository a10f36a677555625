// In place of kernels/cuda/cublaslt.cc: the same products, made by the fake
// driver, from the layouts that the library is given. Those of an odd number of
// columns find no library.
#include "trellis/kernels/cuda/cublaslt.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "trellis/base/check.h"
#include "trellis/tests/runtime/cuda/fake_cuda_driver.h"

namespace trellis::cuda {
namespace {

// Element (row, column) of what is multiplied.
template <typename T>
T ElementOf(const ColumnMajorProduct::Matrix& m, const T* data, int64_t row,
            int64_t column) {
  if (m.transposed) std::swap(row, column);
  TRELLIS_CHECK(row < m.rows && column < m.columns);
  return data[column * m.rows + row];
}

template <typename T>
void Multiply(const ColumnMajorProduct& p, const T* left, const T* right,
              T* result) {
  const int64_t k = p.left.transposed ? p.left.rows : p.left.columns;
  for (int64_t j = 0; j < p.result.columns; ++j) {
    for (int64_t i = 0; i < p.result.rows; ++i) {
      T sum = 0;
      for (int64_t l = 0; l < k; ++l) {
        sum += ElementOf(p.left, left, i, l) * ElementOf(p.right, right, l, j);
      }
      result[j * p.result.rows + i] = sum;
    }
  }
}

class ProductOnHost final : public CublasLtProduct {
 public:
  ProductOnHost(const MatMulShape& shape, int alignment)
      : dtype_(shape.dtype),
        product_(ColumnMajorProduct::Of(shape)),
        alignment_(alignment) {}

  absl::Status Run(const void* a, const void* b, void* y, void* workspace,
                   void* stream) const override {
    TRELLIS_CHECK(reinterpret_cast<uintptr_t>(workspace) % 256 == 0);
    for (const void* operand : {a, b, static_cast<const void*>(y)}) {
      TRELLIS_CHECK(reinterpret_cast<uintptr_t>(operand) % alignment_ == 0);
    }
    FakeCudaDriver::Launch(stream, [=, dtype = dtype_, product = product_] {
      std::fill_n(static_cast<char*>(workspace), kWorkspaceBytes, '\x7e');
      if (dtype == kFloat64) {
        Multiply(product, static_cast<const double*>(b),
                 static_cast<const double*>(a), static_cast<double*>(y));
      } else {
        Multiply(product, static_cast<const float*>(b),
                 static_cast<const float*>(a), static_cast<float*>(y));
      }
    });
    return absl::OkStatus();
  }

 private:
  const DType dtype_;
  const ColumnMajorProduct product_;
  const int alignment_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<CublasLtProduct>> CublasLtProduct::Make(
    const MatMulShape& shape, int alignment) {
  if (shape.n % 2 == 1) return absl::NotFoundError("odd columns");
  return std::make_unique<ProductOnHost>(shape, alignment);
}

}  // namespace trellis::cuda
