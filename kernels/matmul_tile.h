// The inner loop of matrix products: a small tile of the result, whose elements
// stay in registers, from panels of the operands that were packed for it.
#ifndef TRELLIS_KERNELS_MATMUL_TILE_H_
#define TRELLIS_KERNELS_MATMUL_TILE_H_

#include <cstdint>

namespace trellis {

template <typename T>
struct MatMulTile {
  // The most elements of a tile.
  static constexpr int kMaxElements = 256;

  int rows;
  int columns;
  // c[rows, columns] = sum over p of a[p, rows] * b[p, columns], p < k.
  // Sums of blocks of p are added up, so that rounding errors grow slowly.
  void (*multiply)(int64_t k, const T* a, const T* b, T* c);
};

// The one that is fastest on this processor. Its results for float and double
// depend on the processor's instruction set, and on nothing else.
// T: float, double, int32_t, int64_t.
template <typename T>
MatMulTile<T> BestMatMulTile();

}  // namespace trellis

#endif  // TRELLIS_KERNELS_MATMUL_TILE_H_
