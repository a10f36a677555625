// SplitMix64: small random numbers for data, the same on every machine. Not for
// random ops: those follow TensorFlow's Philox.
//
// A generator is made from (seed, stream): the numbers of one stream depend on
// nothing else, so that item i of a set can be made by any thread at any time.
// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators",
// OOPSLA 2014, fig. 17.
#ifndef TRELLIS_DATA_SPLIT_MIX_H_
#define TRELLIS_DATA_SPLIT_MIX_H_

#include <cstdint>

#include "absl/numeric/int128.h"

namespace trellis {

class SplitMix64 {
 public:
  SplitMix64(uint64_t seed, uint64_t stream)
      : state_(Mix(seed + kGamma) + Mix(stream ^ kStreams)) {}

  // Uniform in [0, 2^64).
  uint64_t Next() { return Mix(state_ += kGamma); }

  // Uniform in [0, n), up to a bias of n / 2^64. REQUIRES: n > 0.
  uint64_t Below(uint64_t n) {
    return absl::Uint128High64(absl::uint128(Next()) * n);
  }

  // Uniform in [0, 1), a multiple of 2^-24: exact in float.
  float Uniform() { return static_cast<float>(Next() >> 40) * 0x1p-24f; }

  // Uniform in [low, high].
  float Uniform(float low, float high) {
    return low + (high - low) * Uniform();
  }

  // In (-width, width), denser towards 0 (the density is a triangle).
  float Triangle(float width) { return width * (Uniform() + Uniform() - 1.0f); }

 private:
  static constexpr uint64_t kGamma = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio
  static constexpr uint64_t kStreams = 0x5851f42d4c957f2d;

  static uint64_t Mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  uint64_t state_;
};

}  // namespace trellis

#endif  // TRELLIS_DATA_SPLIT_MIX_H_
