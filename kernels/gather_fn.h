// Rows by number: copies of them and sums of them, as the host's compiler and
// the GPU's see them.
#ifndef TRELLIS_KERNELS_GATHER_FN_H_
#define TRELLIS_KERNELS_GATHER_FN_H_

#include <algorithm>
#include <cstdint>

#include "trellis/kernels/host_device.h"
#include "trellis/kernels/wrap.h"

namespace trellis {

struct GatherSizes {
  int64_t outer = 1;  // of each batch
  int64_t limit = 1;  // rows of params to choose from
  int64_t count = 1;  // indices of each batch
  int64_t inner = 1;  // elements of a row
  int64_t rows = 0;   // of the result; 0 if they have no elements
};

// Row r of y [batch, outer, count, inner] is the row of params
// [batch, outer, limit, inner] that indices [batch, count] name.
template <typename T, typename Index>
struct GatherFn {
  GatherSizes sizes;
  const T* params;
  const Index* indices;
  T* y;

  TRELLIS_HOST_DEVICE int64_t IndexOfRow(int64_t r) const {
    const int64_t batch = r / (sizes.outer * sizes.count);
    return batch * sizes.count + r % sizes.count;
  }
  TRELLIS_HOST_DEVICE bool operator()(int64_t r) const {
    const int64_t index = static_cast<int64_t>(indices[IndexOfRow(r)]);
    if (index < 0 || index >= sizes.limit) return false;
    const T* from =
        params + (r / sizes.count * sizes.limit + index) * sizes.inner;
    std::copy_n(from, sizes.inner, y + r * sizes.inner);
    return true;
  }
};

// The same for element i of y, for devices whose threads take one each.
template <typename T, typename Index>
struct GatherElement {
  GatherFn<T, Index> rows;

  TRELLIS_HOST_DEVICE bool operator()(int64_t i) const {
    const GatherSizes& sizes = rows.sizes;
    const int64_t r = i / sizes.inner, column = i - r * sizes.inner;
    const int64_t index =
        static_cast<int64_t>(rows.indices[rows.IndexOfRow(r)]);
    if (index < 0 || index >= sizes.limit) return false;
    const int64_t from = r / sizes.count * sizes.limit + index;
    rows.y[i] = rows.params[from * sizes.inner + column];
    return true;
  }
};

struct SegmentSumSizes {
  int64_t rows = 0, inner = 1, segments = 0;
};

// Columns [begin, end) of y [segments, inner] = sums over the rows of data
// [rows, inner]. Rows are added in order, whatever the tiles.
template <typename T, typename Index>
struct SegmentSumFn {
  SegmentSumSizes sizes;
  const T* data;
  const Index* ids;
  T* y;

  TRELLIS_HOST_DEVICE void operator()(int64_t begin, int64_t end) const {
    const int64_t inner = sizes.inner;
    for (int64_t s = 0; s < sizes.segments; ++s) {
      std::fill(y + s * inner + begin, y + s * inner + end, T(0));
    }
    for (int64_t r = 0; r < sizes.rows; ++r) {
      if (ids[r] < 0) continue;
      const T* from = data + r * inner;
      T* to = y + static_cast<int64_t>(ids[r]) * inner;
      for (int64_t i = begin; i < end; ++i) to[i] = WrapAdd(to[i], from[i]);
    }
  }
};

// The same for element i of y, for devices whose threads take one each.
template <typename T, typename Index>
struct SegmentSumElement {
  SegmentSumSizes sizes;
  const T* data;
  const Index* ids;
  T* y;

  TRELLIS_HOST_DEVICE void operator()(int64_t i) const {
    const int64_t segment = i / sizes.inner;
    const int64_t column = i - segment * sizes.inner;
    T sum = 0;
    for (int64_t r = 0; r < sizes.rows; ++r) {
      if (ids[r] == segment) sum = WrapAdd(sum, data[r * sizes.inner + column]);
    }
    y[i] = sum;
  }
};

// Is the id of row r a segment's, or negative?
template <typename Index>
struct SegmentIdFn {
  const Index* ids;
  int64_t segments;
  TRELLIS_HOST_DEVICE bool operator()(int64_t r) const {
    return ids[r] < segments;
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_GATHER_FN_H_
