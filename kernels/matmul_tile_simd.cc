// Compiled once per instruction set; see simd_library for what may be included.
#include "kernels/matmul_tile_simd.h"

#include <immintrin.h>

namespace trellis {
namespace TRELLIS_SIMD {
namespace {

#if defined(__AVX512F__)
struct FloatLanes {
  using T = float;
  using Vector = __m512;
  static Vector Load(const T* p) { return _mm512_loadu_ps(p); }
  static void Store(T* p, Vector v) { _mm512_storeu_ps(p, v); }
  static Vector All(T x) { return _mm512_set1_ps(x); }
  static Vector MultiplyAdd(Vector a, Vector b, Vector c) {
    return _mm512_fmadd_ps(a, b, c);
  }
};
struct DoubleLanes {
  using T = double;
  using Vector = __m512d;
  static Vector Load(const T* p) { return _mm512_loadu_pd(p); }
  static void Store(T* p, Vector v) { _mm512_storeu_pd(p, v); }
  static Vector All(T x) { return _mm512_set1_pd(x); }
  static Vector MultiplyAdd(Vector a, Vector b, Vector c) {
    return _mm512_fmadd_pd(a, b, c);
  }
};
#elif defined(__AVX2__)
struct FloatLanes {
  using T = float;
  using Vector = __m256;
  static Vector Load(const T* p) { return _mm256_loadu_ps(p); }
  static void Store(T* p, Vector v) { _mm256_storeu_ps(p, v); }
  static Vector All(T x) { return _mm256_set1_ps(x); }
  static Vector MultiplyAdd(Vector a, Vector b, Vector c) {
    return _mm256_fmadd_ps(a, b, c);
  }
};
struct DoubleLanes {
  using T = double;
  using Vector = __m256d;
  static Vector Load(const T* p) { return _mm256_loadu_pd(p); }
  static void Store(T* p, Vector v) { _mm256_storeu_pd(p, v); }
  static Vector All(T x) { return _mm256_set1_pd(x); }
  static Vector MultiplyAdd(Vector a, Vector b, Vector c) {
    return _mm256_fmadd_pd(a, b, c);
  }
};
#else
struct FloatLanes {
  using T = float;
  using Vector = __m128;
  static Vector Load(const T* p) { return _mm_loadu_ps(p); }
  static void Store(T* p, Vector v) { _mm_storeu_ps(p, v); }
  static Vector All(T x) { return _mm_set1_ps(x); }
  static Vector MultiplyAdd(Vector a, Vector b, Vector c) {
    return _mm_add_ps(_mm_mul_ps(a, b), c);
  }
};
struct DoubleLanes {
  using T = double;
  using Vector = __m128d;
  static Vector Load(const T* p) { return _mm_loadu_pd(p); }
  static void Store(T* p, Vector v) { _mm_storeu_pd(p, v); }
  static Vector All(T x) { return _mm_set1_pd(x); }
  static Vector MultiplyAdd(Vector a, Vector b, Vector c) {
    return _mm_add_pd(_mm_mul_pd(a, b), c);
  }
};
#endif

// Products that are added in a row.
constexpr int64_t kBlock = 256;

template <typename Lanes, int rows, int columns>
void Multiply(int64_t k, const typename Lanes::T* a, const typename Lanes::T* b,
              typename Lanes::T* c) {
  using T = typename Lanes::T;
  using Vector = typename Lanes::Vector;
  constexpr int kLanes = sizeof(Vector) / sizeof(T);
  constexpr int kVectors = columns / kLanes;
  static_assert(kVectors * kLanes == columns);
  for (int i = 0; i < rows * columns; ++i) c[i] = 0;
  for (int64_t begin = 0; begin < k; begin += kBlock) {
    const int64_t end = k - begin < kBlock ? k : begin + kBlock;
    Vector sum[rows][kVectors] = {};
    for (int64_t p = begin; p < end; ++p) {
      Vector row_of_b[kVectors];
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) {
        row_of_b[v] = Lanes::Load(b + p * columns + v * kLanes);
      }
#pragma GCC unroll 16
      for (int r = 0; r < rows; ++r) {
        const Vector element_of_a = Lanes::All(a[p * rows + r]);
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) {
          sum[r][v] = Lanes::MultiplyAdd(element_of_a, row_of_b[v], sum[r][v]);
        }
      }
    }
#pragma GCC unroll 16
    for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) {
        T* to = c + r * columns + v * kLanes;
        Lanes::Store(to, Lanes::Load(to) + sum[r][v]);
      }
    }
  }
}

}  // namespace

void MultiplyTile(int64_t k, const float* a, const float* b, float* c) {
  Multiply<FloatLanes, kTile.rows, kTile.float_columns>(k, a, b, c);
}

void MultiplyTile(int64_t k, const double* a, const double* b, double* c) {
  Multiply<DoubleLanes, kTile.rows, kTile.double_columns>(k, a, b, c);
}

}  // namespace TRELLIS_SIMD
}  // namespace trellis
