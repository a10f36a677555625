// One pass of a reduction on a GPU: [outer, n, inner] -> [outer, parts, inner],
// part p of elements [p * part_length, (p + 1) * part_length) of the middle
// axis.
//
// A block has kThreads threads, seen as groups x rows x columns. A group
// reduces one part of one outer index in a strip of `columns` neighbours of the
// inner axis: each of its rows adds up every rows-th element, and then the rows
// meet in pairs. So neighbouring threads read neighbours, short rows share a
// block, and the order of a sum is a function of the shape alone.
//
// Nothing here needs a GPU: tests run blocks thread by thread.
#ifndef TRELLIS_KERNELS_CUDA_BLOCK_REDUCE_H_
#define TRELLIS_KERNELS_CUDA_BLOCK_REDUCE_H_

#include <algorithm>
#include <cstdint>

#include "trellis/kernels/host_device.h"

namespace trellis::cuda {

struct BlockReducePass {
  static constexpr int kThreads = 256;

  int64_t outer = 1, n = 1, inner = 1;
  int64_t parts = 1, part_length = 1;
  int64_t strips = 1;
  // Powers of two.
  int groups = 1, rows = 1, columns = 1;

  int64_t blocks() const {
    return (outer * parts * strips + groups - 1) / groups;
  }

  // In parts, where there are too few blocks without for a GPU. REQUIRES:
  // outer > 0 and inner > 0.
  static BlockReducePass Make(int64_t outer, int64_t n, int64_t inner);
  // [outer, n, inner] -> [outer, inner].
  static BlockReducePass MakeWhole(int64_t outer, int64_t n, int64_t inner);
};

// What the threads of a block do, for a reducer R and a finisher Last of
// reduce_fn.h. With `mapped`, elements go through R::Map.
template <typename R, bool mapped, typename Last>
struct BlockReduceFn {
  using T = typename R::Element;

  BlockReducePass pass;
  const T* x;     // [outer, n, inner]
  T* y;           // [outer, parts, inner]
  int64_t count;  // for Last

  // Of the elements that are the thread's.
  TRELLIS_HOST_DEVICE T Accumulate(int64_t block, int thread) const {
    T total = R::Start();
    const Place at = PlaceOf(block, thread);
    if (!at.exists) return total;
    const int64_t first = at.part * pass.part_length;
    const int64_t last = std::min(first + pass.part_length, pass.n);
    const T* from = x + at.outer * pass.n * pass.inner + at.column;
    for (int64_t i = first + at.row; i < last; i += pass.rows) {
      const T element = from[i * pass.inner];
      if constexpr (mapped) {
        total = R::Combine(total, R::Map(element));
      } else {
        total = R::Combine(total, element);
      }
    }
    return total;
  }

  // For half = rows / 2, rows / 4, ..., 1, between which the block waits:
  // totals[thread] takes its partner's, where it has one.
  TRELLIS_HOST_DEVICE void Meet(int thread, int half, T* totals) const {
    if (thread / pass.columns % pass.rows >= half) return;
    totals[thread] =
        R::Combine(totals[thread], totals[thread + half * pass.columns]);
  }

  // Puts the group's total in its place, once for each column.
  TRELLIS_HOST_DEVICE void Store(int64_t block, int thread, T total) const {
    const Place at = PlaceOf(block, thread);
    if (!at.exists || at.row != 0) return;
    y[(at.outer * pass.parts + at.part) * pass.inner + at.column] =
        Last::Finish(total, count);
  }

 private:
  struct Place {
    bool exists;
    int64_t outer, part, column;
    int row;
  };

  TRELLIS_HOST_DEVICE Place PlaceOf(int64_t block, int thread) const {
    const int in_group = thread % (pass.rows * pass.columns);
    const int64_t unit =
        block * pass.groups + thread / (pass.rows * pass.columns);
    const int64_t strip = unit % pass.strips, rest = unit / pass.strips;
    Place at;
    at.outer = rest / pass.parts;
    at.part = rest % pass.parts;
    at.column = strip * pass.columns + in_group % pass.columns;
    at.row = in_group / pass.columns;
    at.exists = at.outer < pass.outer && at.column < pass.inner;
    return at;
  }
};

// Enqueues it on `stream`, a cudaStream_t; returns the cudaError_t. Compiled
// for those that reduce.cu.cc names.
template <typename R, bool mapped, typename Last>
int LaunchBlockReduce(void* stream, const BlockReduceFn<R, mapped, Last>& fn);

}  // namespace trellis::cuda

#endif  // TRELLIS_KERNELS_CUDA_BLOCK_REDUCE_H_
