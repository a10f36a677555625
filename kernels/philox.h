// Counter-based random numbers: Philox4x32-10, with TensorFlow's use of it, so
// that equal seeds give equal bits (R1.71).
//
//   PhiloxStream stream(state);  // {key, counter low, counter high}
//   stream.Skip(5);              // blocks of four words; any distance is cheap
//   PhiloxBlock words = stream.Next();
//
// Source: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as
// 1, 2, 3", SC 2011.
#ifndef TRELLIS_KERNELS_PHILOX_H_
#define TRELLIS_KERNELS_PHILOX_H_

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "trellis/kernels/host_device.h"

namespace trellis {

using PhiloxBlock = std::array<uint32_t, 4>;

// What a random node's counter holds: kUint64[3] in this order.
struct PhiloxState {
  uint64_t key = 0;
  uint64_t counter_low = 0;
  uint64_t counter_high = 0;

  // That of a node with these seeds, before its first run.
  static PhiloxState OfSeeds(uint64_t seed, uint64_t seed2) {
    return {.key = seed, .counter_low = 0, .counter_high = seed2};
  }

  // `blocks` further on.
  TRELLIS_HOST_DEVICE void Skip(uint64_t blocks) {
    counter_low += blocks;
    if (counter_low < blocks) ++counter_high;
  }
};

// The four words of one counter value.
TRELLIS_HOST_DEVICE inline PhiloxBlock PhiloxWords(const PhiloxState& state) {
  constexpr uint64_t kMultiplierA = 0xD2511F53, kMultiplierB = 0xCD9E8D57;
  constexpr uint32_t kWeylA = 0x9E3779B9, kWeylB = 0xBB67AE85;
  constexpr int kRounds = 10;
  uint32_t c0 = static_cast<uint32_t>(state.counter_low),
           c1 = static_cast<uint32_t>(state.counter_low >> 32),
           c2 = static_cast<uint32_t>(state.counter_high),
           c3 = static_cast<uint32_t>(state.counter_high >> 32);
  uint32_t key0 = static_cast<uint32_t>(state.key),
           key1 = static_cast<uint32_t>(state.key >> 32);
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t a = kMultiplierA * c0, b = kMultiplierB * c2;
    const uint32_t next0 = static_cast<uint32_t>(b >> 32) ^ c1 ^ key0;
    const uint32_t next2 = static_cast<uint32_t>(a >> 32) ^ c3 ^ key1;
    c1 = static_cast<uint32_t>(b);
    c3 = static_cast<uint32_t>(a);
    c0 = next0;
    c2 = next2;
    key0 += kWeylA;
    key1 += kWeylB;
  }
  return {c0, c1, c2, c3};
}

class PhiloxStream {
 public:
  TRELLIS_HOST_DEVICE explicit PhiloxStream(const PhiloxState& state)
      : state_(state) {}

  TRELLIS_HOST_DEVICE void Skip(uint64_t blocks) { state_.Skip(blocks); }
  TRELLIS_HOST_DEVICE PhiloxBlock Next() {
    const PhiloxBlock words = PhiloxWords(state_);
    state_.Skip(1);
    return words;
  }

 private:
  PhiloxState state_;
};

// ---- words to numbers

// [0, 1): the mantissa of a number of [1, 2), less 1.
TRELLIS_HOST_DEVICE inline float UniformFloat(uint32_t word) {
  return std::bit_cast<float>((word & 0x7FFFFFu) | 0x3F800000u) - 1.0f;
}
TRELLIS_HOST_DEVICE inline double UniformDouble(uint32_t high, uint32_t low) {
  const uint64_t mantissa = uint64_t{high & 0xFFFFFu} << 32 | low;
  return std::bit_cast<double>(mantissa | uint64_t{1023} << 52) - 1.0;
}

// A pair of independent standard normal numbers.
// Source: Box, Muller, "A Note on the Generation of Random Normal Deviates",
// Annals of Mathematical Statistics 29 (1958).
template <typename T>
TRELLIS_HOST_DEVICE inline std::array<T, 2> BoxMuller(T u, double angle) {
  // Below this the logarithm would lead too far out.
  constexpr T kSmallest = static_cast<T>(1e-7);
  if (u < kSmallest) u = kSmallest;
  const T radius = std::sqrt(T(-2) * std::log(u));
  const T a = static_cast<T>(angle);
  return {std::sin(a) * radius, std::cos(a) * radius};
}

// The numbers of type T that distributions make of words: kPairWords words make
// two of them.
template <typename T>
struct Normal;

template <>
struct Normal<float> {
  static constexpr int kPairWords = 2;
  TRELLIS_HOST_DEVICE static std::array<float, 2> Pair(const uint32_t* w) {
    return BoxMuller<float>(UniformFloat(w[0]),
                            2.0f * M_PI * UniformFloat(w[1]));
  }
};

template <>
struct Normal<double> {
  static constexpr int kPairWords = 4;
  TRELLIS_HOST_DEVICE static std::array<double, 2> Pair(const uint32_t* w) {
    return BoxMuller<double>(UniformDouble(w[0], w[1]),
                             2 * M_PI * UniformDouble(w[2], w[3]));
  }
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_PHILOX_H_
