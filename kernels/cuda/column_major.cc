#include "trellis/kernels/cuda/cublaslt.h"

namespace trellis::cuda {

ColumnMajorProduct ColumnMajorProduct::Of(const MatMulShape& s) {
  // A row-major matrix [r, c] is a column-major one of c rows and r columns.
  return {.left = {.rows = s.transpose_b ? s.k : s.n,
                   .columns = s.transpose_b ? s.n : s.k,
                   .transposed = s.transpose_b},
          .right = {.rows = s.transpose_a ? s.m : s.k,
                    .columns = s.transpose_a ? s.k : s.m,
                    .transposed = s.transpose_a},
          .result = {.rows = s.n, .columns = s.m}};
}

}  // namespace trellis::cuda
