// The functions of comparing kernels (compare.h), as the host's compiler and
// the GPU's see them; for the loops of element_wise_fn.h.
#ifndef TRELLIS_KERNELS_COMPARE_FN_H_
#define TRELLIS_KERNELS_COMPARE_FN_H_

#include <cstdint>

#include "trellis/kernels/host_device.h"

namespace trellis {

template <typename T>
struct CompareFn {
  using In = T;
  using Out = bool;
  static constexpr int64_t kCost = 1;
};

template <typename T>
struct EqualFn : CompareFn<T> {
  TRELLIS_HOST_DEVICE bool operator()(const T& x, const T& y) const {
    return x == y;
  }
};

template <typename T>
struct NotEqualFn : CompareFn<T> {
  TRELLIS_HOST_DEVICE bool operator()(const T& x, const T& y) const {
    return x != y;
  }
};

template <typename T>
struct LessFn : CompareFn<T> {
  TRELLIS_HOST_DEVICE bool operator()(T x, T y) const { return x < y; }
};

template <typename T>
struct LessEqualFn : CompareFn<T> {
  TRELLIS_HOST_DEVICE bool operator()(T x, T y) const { return x <= y; }
};

template <typename T>
struct GreaterFn : CompareFn<T> {
  TRELLIS_HOST_DEVICE bool operator()(T x, T y) const { return x > y; }
};

template <typename T>
struct GreaterEqualFn : CompareFn<T> {
  TRELLIS_HOST_DEVICE bool operator()(T x, T y) const { return x >= y; }
};

struct LogicalAndFn : CompareFn<bool> {
  TRELLIS_HOST_DEVICE bool operator()(bool x, bool y) const { return x & y; }
};

struct LogicalOrFn : CompareFn<bool> {
  TRELLIS_HOST_DEVICE bool operator()(bool x, bool y) const { return x | y; }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_COMPARE_FN_H_
