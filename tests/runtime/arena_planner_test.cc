#include "trellis/runtime/arena_planner.h"

#include <algorithm>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace trellis {
namespace {

// The bytes alive at the busiest step: no layout can be smaller.
size_t LowerBound(const std::vector<Lifetime>& lifetimes, int steps) {
  size_t most = 0;
  for (int s = 0; s < steps; ++s) {
    size_t alive = 0;
    for (const Lifetime& l : lifetimes) {
      if (l.first <= s && s <= l.last) alive += (l.bytes + 63) / 64 * 64;
    }
    most = std::max(most, alive);
  }
  return most;
}

void ExpectNoOverlap(const std::vector<Lifetime>& lifetimes,
                     const ArenaLayout& layout) {
  for (size_t i = 0; i < lifetimes.size(); ++i) {
    EXPECT_EQ(layout.offsets[i] % kArenaAlignment, 0u);
    EXPECT_LE(layout.offsets[i] + lifetimes[i].bytes, layout.bytes);
    for (size_t j = 0; j < i; ++j) {
      const bool together = lifetimes[i].first <= lifetimes[j].last &&
                            lifetimes[j].first <= lifetimes[i].last;
      const bool apart =
          layout.offsets[i] + lifetimes[i].bytes <= layout.offsets[j] ||
          layout.offsets[j] + lifetimes[j].bytes <= layout.offsets[i];
      EXPECT_TRUE(!together || apart) << i << " and " << j;
    }
  }
}

TEST(ArenaPlannerTest, NothingNeedsNothing) {
  EXPECT_EQ(PlanArena({}).bytes, 0u);
}

TEST(ArenaPlannerTest, ValuesThatDoNotMeetShareTheirBytes) {
  const std::vector<Lifetime> chain = {{0, 1, 100}, {1, 2, 100}, {2, 3, 100}};
  const ArenaLayout layout = PlanArena(chain);
  EXPECT_EQ(layout.bytes, 256u);
  EXPECT_EQ(layout.offsets[0], layout.offsets[2]);
  EXPECT_NE(layout.offsets[0], layout.offsets[1]);
}

TEST(ArenaPlannerTest, FillsTheSmallestGapThatFits) {
  // A large and a small gap below a long-lived value: the late small value
  // takes the small one, and the arena does not grow.
  const std::vector<Lifetime> lifetimes = {
      {0, 9, 640}, {0, 4, 640}, {0, 9, 640}, {0, 4, 64},
      {0, 9, 640}, {5, 9, 64},  {5, 9, 640}};
  EXPECT_EQ(PlanArena(lifetimes).bytes, LowerBound(lifetimes, 10));
}

TEST(ArenaPlannerTest, RandomLifetimesNeverOverlapAndStayNearTheBound) {
  for (uint32_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const int steps = 60;
    std::vector<Lifetime> lifetimes;
    for (int i = 0; i < 100; ++i) {
      const int first = static_cast<int>(random() % steps);
      const int last =
          std::min<int>(steps - 1, first + static_cast<int>(random() % 8));
      lifetimes.push_back({first, last, random() % 5000});
    }
    const ArenaLayout layout = PlanArena(lifetimes);
    ExpectNoOverlap(lifetimes, layout);
    EXPECT_LE(layout.bytes, LowerBound(lifetimes, steps) * 3 / 2);
    EXPECT_EQ(layout.offsets, PlanArena(lifetimes).offsets);
  }
}

}  // namespace
}  // namespace trellis
