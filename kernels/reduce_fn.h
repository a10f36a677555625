// What reductions do with elements, as the host's compiler and the GPU's see
// it.
#ifndef TRELLIS_KERNELS_REDUCE_FN_H_
#define TRELLIS_KERNELS_REDUCE_FN_H_

#include <cstdint>
#include <limits>
#include <type_traits>

#include "trellis/kernels/host_device.h"
#include "trellis/kernels/wrap.h"

namespace trellis {

// ---- what is reduced: Start() is neutral for Combine

template <typename T>
struct SumReducer {
  using Element = T;
  TRELLIS_HOST_DEVICE static T Start() { return T{0}; }
  TRELLIS_HOST_DEVICE static T Combine(T a, T b) { return WrapAdd(a, b); }
};

// The sum of Map(x).
template <typename T>
struct SumOfSquaresReducer : SumReducer<T> {
  TRELLIS_HOST_DEVICE static T Map(T x) { return x * x; }
};

template <typename T>
struct ProdReducer {
  using Element = T;
  TRELLIS_HOST_DEVICE static T Start() { return T{1}; }
  TRELLIS_HOST_DEVICE static T Combine(T a, T b) { return WrapMul(a, b); }
};

// NaNs lose against everything, as in TensorFlow.
template <typename T>
struct MaxReducer {
  using Element = T;
  TRELLIS_HOST_DEVICE static T Start() {
    using Limits = std::numeric_limits<T>;
    return Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
  }
  TRELLIS_HOST_DEVICE static T Combine(T a, T b) { return a < b ? b : a; }
};

template <typename T>
struct MinReducer {
  using Element = T;
  TRELLIS_HOST_DEVICE static T Start() {
    using Limits = std::numeric_limits<T>;
    return Limits::has_infinity ? Limits::infinity() : Limits::max();
  }
  TRELLIS_HOST_DEVICE static T Combine(T a, T b) { return b < a ? b : a; }
};

struct AllReducer {
  using Element = bool;
  TRELLIS_HOST_DEVICE static bool Start() { return true; }
  TRELLIS_HOST_DEVICE static bool Combine(bool a, bool b) { return a & b; }
};

struct AnyReducer {
  using Element = bool;
  TRELLIS_HOST_DEVICE static bool Start() { return false; }
  TRELLIS_HOST_DEVICE static bool Combine(bool a, bool b) { return a | b; }
};

// ---- what becomes of a result over n elements

struct AsIs {
  template <typename T>
  TRELLIS_HOST_DEVICE static T Finish(T x, int64_t n) {
    return x;
  }
};

struct Half {
  template <typename T>
  TRELLIS_HOST_DEVICE static T Finish(T x, int64_t n) {
    return x / 2;
  }
};

struct DividedByCount {
  template <typename T>
  TRELLIS_HOST_DEVICE static T Finish(T x, int64_t n) {
    if constexpr (std::is_integral_v<T>) {
      // In 64 bits: n need not fit into T.
      return n == 0 ? T{0} : static_cast<T>(static_cast<int64_t>(x) / n);
    } else {
      return x / static_cast<T>(n);
    }
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_REDUCE_FN_H_
