// The tiles of matmul_tile.h for each instruction set, see simd_library.
#ifndef TRELLIS_KERNELS_MATMUL_TILE_SIMD_H_
#define TRELLIS_KERNELS_MATMUL_TILE_SIMD_H_

#include <cstdint>

namespace trellis {

// Extents of a tile: so many accumulators fit into the registers.
struct TileShape {
  int rows;
  int float_columns;
  int double_columns;
};

namespace baseline {
inline constexpr TileShape kTile = {4, 8, 4};
void MultiplyTile(int64_t k, const float* a, const float* b, float* c);
void MultiplyTile(int64_t k, const double* a, const double* b, double* c);
}  // namespace baseline

namespace avx2 {
inline constexpr TileShape kTile = {6, 16, 8};
void MultiplyTile(int64_t k, const float* a, const float* b, float* c);
void MultiplyTile(int64_t k, const double* a, const double* b, double* c);
}  // namespace avx2

namespace avx512 {
inline constexpr TileShape kTile = {8, 32, 16};
void MultiplyTile(int64_t k, const float* a, const float* b, float* c);
void MultiplyTile(int64_t k, const double* a, const double* b, double* c);
}  // namespace avx512

}  // namespace trellis

#endif  // TRELLIS_KERNELS_MATMUL_TILE_SIMD_H_
