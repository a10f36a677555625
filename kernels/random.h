// RandomUniform, RandomUniformInt, RandomStandardNormal and TruncatedNormal,
// with TensorFlow's layout of samples: element i of a result is a function of
// the node's state and i alone, so tiles skip ahead to their blocks.
//
//   state, advanced by 256 blocks per element, for each run
//     +-- group g of 4 floats (2 doubles): block g, or, where samples may be
//         rejected, the blocks from 256 g (128 g) on
#ifndef TRELLIS_KERNELS_RANDOM_H_
#define TRELLIS_KERNELS_RANDOM_H_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/kernels/host_device.h"
#include "trellis/kernels/philox.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"
#include "trellis/runtime/kernel/variable_state.h"

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

// The counter of a random node, with its seeds.
class RandomCounter {
 public:
  void Prepare(const PrepareContext& c) {
    seed_ = static_cast<uint64_t>(c.attr<int64_t>("seed"));
    seed2_ = static_cast<uint64_t>(c.attr<int64_t>("seed2"));
  }

  // The state for a run that makes n elements; the counter moves on past it. At
  // first use it starts where the seeds say; two seeds of 0 mean anywhere.
  PhiloxState Reserve(VariableState& counter, int64_t n) const {
    const absl::Span<uint64_t> words = counter.value.flat<uint64_t>();
    PhiloxState state{words[0], words[1], words[2]};
    if (!counter.initialized) {
      state = seed_ == 0 && seed2_ == 0
                  ? PhiloxState::OfSeeds(AnyNumber(), AnyNumber())
                  : PhiloxState::OfSeeds(seed_, seed2_);
      counter.initialized = true;
    }
    PhiloxState next = state;
    next.Skip(static_cast<uint64_t>(n) * kBlocksPerElement);
    words[0] = next.key;
    words[1] = next.counter_low;
    words[2] = next.counter_high;
    counter.version.fetch_add(1, std::memory_order_relaxed);
    return state;
  }

 private:
  static constexpr uint64_t kBlocksPerElement = 256;

  static uint64_t AnyNumber() {
    std::random_device device;
    return uint64_t{device()} << 32 | device();
  }

  uint64_t seed_ = 0;
  uint64_t seed2_ = 0;
};

// How many groups make a tile.
inline constexpr int64_t kRandomGrain = 512;

template <typename Device, typename T, typename Distribution>
absl::Status FillRandom(RunContext& c, const Distribution& distribution,
                        const PhiloxState& state, int64_t n, T* y) {
  const int64_t groups = (n + kGroupSize<T> - 1) / kGroupSize<T>;
  return Device::ForRanges(
      c, groups, kRandomGrain,
      RandomFn<T, Distribution>{distribution, state, n, y});
}

template <typename Device, typename T, template <typename> class DistributionOf>
class RandomKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    counter_.Prepare(c);
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return FillRandom<Device>(c, DistributionOf<T>(),
                              counter_.Reserve(c.random_state(), n_), n_,
                              c.output<T>(0));
  }

 private:
  int64_t n_ = 0;
  RandomCounter counter_;
};

// REQUIRES of the registration: minval and maxval in host memory.
// Errors: InvalidArgument if they span nothing.
template <typename Device, typename T>
class RandomUniformIntKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    counter_.Prepare(c);
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    using Unsigned = std::make_unsigned_t<T>;
    const T low = *c.input<T>(1), high = *c.input<T>(2);
    if (low >= high) {
      return absl::InvalidArgumentError(absl::StrCat(
          "minval is ", low, ", maxval ", high, ": must be smaller"));
    }
    return FillRandom<Device>(
        c,
        UniformIntDistribution<T>{
            low, static_cast<Unsigned>(static_cast<Unsigned>(high) -
                                       static_cast<Unsigned>(low))},
        counter_.Reserve(c.random_state(), n_), n_, c.output<T>(0));
  }

 private:
  int64_t n_ = 0;
  RandomCounter counter_;
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_RANDOM_H_
