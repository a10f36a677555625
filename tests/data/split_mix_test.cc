#include "trellis/data/split_mix.h"

#include <array>
#include <cmath>
#include <set>

#include "gtest/gtest.h"

namespace trellis {
namespace {

TEST(SplitMix64Test, StreamsArePinned) {
  // Saved positions and drawn digits rely on these.
  SplitMix64 a(0, 0), b(0, 1), c(1, 0);
  EXPECT_EQ(a.Next(), 0x9a98cefe1690017d);
  EXPECT_EQ(b.Next(), 0x1adea4ec1c25e3cd);
  EXPECT_EQ(c.Next(), 0xcb61006161d2d9eb);
}

TEST(SplitMix64Test, NearbySeedsAndStreamsShareNoNumbers) {
  std::set<uint64_t> seen;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    for (uint64_t stream = 0; stream < 20; ++stream) {
      SplitMix64 random(seed, stream);
      for (int i = 0; i < 20; ++i) seen.insert(random.Next());
    }
  }
  EXPECT_EQ(seen.size(), 20 * 20 * 20);
}

TEST(SplitMix64Test, BelowIsUniform) {
  SplitMix64 random(3, 0);
  std::array<int, 7> count = {};
  for (int i = 0; i < 7000; ++i) ++count.at(random.Below(7));
  for (const int c : count) EXPECT_NEAR(c, 1000, 150);  // 5 deviations
  EXPECT_EQ(random.Below(1), 0);
}

TEST(SplitMix64Test, FloatsHaveTheirRangeAndSpread) {
  SplitMix64 random(4, 0);
  double mean = 0, square = 0;
  constexpr int kCount = 10000;
  for (int i = 0; i < kCount; ++i) {
    const float u = random.Uniform();
    EXPECT_TRUE(u >= 0.0f && u < 1.0f) << u;
    const float scaled = random.Uniform(-3.0f, 5.0f);
    EXPECT_TRUE(scaled >= -3.0f && scaled <= 5.0f) << scaled;
    const float triangle = random.Triangle(2.0f);
    EXPECT_LT(std::abs(triangle), 2.0f);
    mean += u / kCount;
    square += triangle * triangle / kCount;
  }
  EXPECT_NEAR(mean, 0.5, 0.015);
  EXPECT_NEAR(square, 4.0 / 6.0, 0.04);  // the variance of a triangle
}

}  // namespace
}  // namespace trellis
