// Products of matrices by cuBLASLt, which is loaded when the first is made.
#ifndef TRELLIS_KERNELS_CUDA_CUBLASLT_H_
#define TRELLIS_KERNELS_CUDA_CUBLASLT_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "trellis/graph/dtype.h"

namespace trellis::cuda {

// y [m, n] = a [m, k] b [k, n], where a and b may be given transposed.
struct MatMulShape {
  DType dtype = kFloat32;  // or kFloat64
  bool transpose_a = false, transpose_b = false;
  int64_t m = 0, n = 0, k = 0;  // none is 0
};

// The same for a library that counts along columns. Read so, a matrix is its
// transpose, and y^T = b^T a^T: the operands change places.
struct ColumnMajorProduct {
  struct Matrix {
    int64_t rows = 0, columns = 0;  // as it lies in memory
    bool transposed = false;        // before it is multiplied
  };
  Matrix left;   // b
  Matrix right;  // a
  Matrix result;

  static ColumnMajorProduct Of(const MatMulShape& shape);
};

// A product with its algorithm chosen. Thread-safe once made.
class CublasLtProduct {
 public:
  // Of each run; 256-byte aligned.
  static constexpr size_t kWorkspaceBytes = size_t{4} << 20;

  // For the GPU that is the calling thread's, which outlives the object, and
  // operands at multiples of `alignment` bytes. Errors: NotFound or
  // Unavailable, if the library is not there; what it reports.
  static absl::StatusOr<std::unique_ptr<CublasLtProduct>> Make(
      const MatMulShape& shape, int alignment);

  virtual ~CublasLtProduct() = default;
  // Enqueues it on `stream`, a cudaStream_t.
  virtual absl::Status Run(const void* a, const void* b, void* y,
                           void* workspace, void* stream) const = 0;
};

}  // namespace trellis::cuda

#endif  // TRELLIS_KERNELS_CUDA_CUBLASLT_H_
