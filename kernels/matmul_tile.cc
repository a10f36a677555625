#include "trellis/kernels/matmul_tile.h"

#include "trellis/kernels/matmul_tile_simd.h"
#include "trellis/kernels/wrap.h"

namespace trellis {
namespace {

bool HasAvx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

bool HasAvx512() {
  return HasAvx2() && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}

constexpr int kIntegerRows = 4;
constexpr int kIntegerColumns = 8;

template <typename T>
void MultiplyIntegers(int64_t k, const T* a, const T* b, T* c) {
  T sum[kIntegerRows][kIntegerColumns] = {};
  for (int64_t p = 0; p < k; ++p) {
    for (int r = 0; r < kIntegerRows; ++r) {
      const T element_of_a = a[p * kIntegerRows + r];
      for (int l = 0; l < kIntegerColumns; ++l) {
        sum[r][l] = WrapAdd(sum[r][l],
                            WrapMul(element_of_a, b[p * kIntegerColumns + l]));
      }
    }
  }
  for (int i = 0; i < kIntegerRows * kIntegerColumns; ++i) {
    c[i] = sum[i / kIntegerColumns][i % kIntegerColumns];
  }
}

}  // namespace

template <>
MatMulTile<float> BestMatMulTile<float>() {
  if (HasAvx512()) {
    return {avx512::kTile.rows, avx512::kTile.float_columns,
            avx512::MultiplyTile};
  }
  if (HasAvx2()) {
    return {avx2::kTile.rows, avx2::kTile.float_columns, avx2::MultiplyTile};
  }
  return {baseline::kTile.rows, baseline::kTile.float_columns,
          baseline::MultiplyTile};
}

template <>
MatMulTile<double> BestMatMulTile<double>() {
  if (HasAvx512()) {
    return {avx512::kTile.rows, avx512::kTile.double_columns,
            avx512::MultiplyTile};
  }
  if (HasAvx2()) {
    return {avx2::kTile.rows, avx2::kTile.double_columns, avx2::MultiplyTile};
  }
  return {baseline::kTile.rows, baseline::kTile.double_columns,
          baseline::MultiplyTile};
}

template <>
MatMulTile<int32_t> BestMatMulTile<int32_t>() {
  return {kIntegerRows, kIntegerColumns, MultiplyIntegers<int32_t>};
}

template <>
MatMulTile<int64_t> BestMatMulTile<int64_t>() {
  return {kIntegerRows, kIntegerColumns, MultiplyIntegers<int64_t>};
}

}  // namespace trellis
