// What random kernels (random.h) make of a node's state, as the host's compiler
// and the GPU's see it.
//
//   state, advanced by 256 blocks per element, for each run
//     +-- group g of 4 floats (2 doubles): block g, or, where samples may be
//         rejected, the blocks from 256 g (128 g) on
#ifndef TRELLIS_KERNELS_RANDOM_FN_H_
#define TRELLIS_KERNELS_RANDOM_FN_H_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "trellis/kernels/host_device.h"
#include "trellis/kernels/philox.h"

namespace trellis {

// Elements that one group, and for most distributions one block, makes.
template <typename T>
inline constexpr int kGroupSize = 16 / sizeof(T);

// A distribution fills a group: Group(state of the run, g) gives group g.
template <typename T>
struct UniformDistribution {
  TRELLIS_HOST_DEVICE std::array<T, kGroupSize<T>> Group(PhiloxState state,
                                                         int64_t g) const {
    state.Skip(g);
    const PhiloxBlock w = PhiloxWords(state);
    if constexpr (std::is_same_v<T, float>) {
      return {UniformFloat(w[0]), UniformFloat(w[1]), UniformFloat(w[2]),
              UniformFloat(w[3])};
    } else {
      return {UniformDouble(w[0], w[1]), UniformDouble(w[2], w[3])};
    }
  }
};

// [low, low + range), range > 0.
template <typename T>
struct UniformIntDistribution {
  using Unsigned = std::make_unsigned_t<T>;
  T low;
  Unsigned range;

  TRELLIS_HOST_DEVICE T Number(Unsigned bits) const {
    return static_cast<T>(static_cast<Unsigned>(low) + bits % range);
  }
  TRELLIS_HOST_DEVICE std::array<T, kGroupSize<T>> Group(PhiloxState state,
                                                         int64_t g) const {
    state.Skip(g);
    const PhiloxBlock w = PhiloxWords(state);
    if constexpr (sizeof(T) == 4) {
      return {Number(w[0]), Number(w[1]), Number(w[2]), Number(w[3])};
    } else {
      return {Number(w[0] | uint64_t{w[1]} << 32),
              Number(w[2] | uint64_t{w[3]} << 32)};
    }
  }
};

template <typename T>
struct NormalDistribution {
  TRELLIS_HOST_DEVICE std::array<T, kGroupSize<T>> Group(PhiloxState state,
                                                         int64_t g) const {
    state.Skip(g);
    const PhiloxBlock words = PhiloxWords(state);
    std::array<T, kGroupSize<T>> group;
    for (int i = 0; i < kGroupSize<T>; i += 2) {
      const std::array<T, 2> pair =
          Normal<T>::Pair(&words[i / 2 * Normal<T>::kPairWords]);
      group[i] = pair[0];
      group[i + 1] = pair[1];
    }
    return group;
  }
};

template <typename T>
struct TruncatedNormalDistribution {
  static constexpr T kBound = 2;
  static constexpr int64_t kBlocksPerGroup = 256 * kGroupSize<T> / 4;

  TRELLIS_HOST_DEVICE std::array<T, kGroupSize<T>> Group(PhiloxState state,
                                                         int64_t g) const {
    state.Skip(static_cast<uint64_t>(g) * kBlocksPerGroup);
    std::array<T, kGroupSize<T>> group;
    int filled = 0;
    for (PhiloxStream stream(state);;) {
      const PhiloxBlock words = stream.Next();
      for (int w = 0; w < 4; w += Normal<T>::kPairWords) {
        for (T number : Normal<T>::Pair(&words[w])) {
          if (!(std::abs(number) < kBound)) continue;
          group[filled] = number;
          if (++filled == kGroupSize<T>) return group;
        }
      }
    }
  }
};

// Groups [begin, end) of the n elements of y.
template <typename T, typename Distribution>
struct RandomFn {
  Distribution distribution;
  PhiloxState state;
  int64_t n;
  T* y;

  TRELLIS_HOST_DEVICE void operator()(int64_t begin, int64_t end) const {
    for (int64_t g = begin; g < end; ++g) {
      const std::array<T, kGroupSize<T>> group = distribution.Group(state, g);
      const int64_t first = g * kGroupSize<T>;
      const int64_t count = std::min<int64_t>(kGroupSize<T>, n - first);
      for (int64_t i = 0; i < count; ++i) y[first + i] = group[i];
    }
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_RANDOM_FN_H_
