#include "trellis/base/team.h"

#include <xmmintrin.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trellis {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Pair;

// The exception flags aside, which every thread has for itself.
uint32_t FloatingPointMode() { return _mm_getcsr() & ~0x3fu; }

class TeamTest : public ::testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(Threads, TeamTest, ::testing::Values(0, 1, 2, 3, 8));

TEST_P(TeamTest, RunsEachTileExactlyOnce) {
  Team team(GetParam());
  for (const int64_t tiles : {0, 1, 2, 3, 7, 64, 5000}) {
    // Not atomic: a tile that runs twice is also a race.
    std::vector<int> runs(tiles, 0);
    team.Run(tiles, [&](int64_t tile) { ++runs[tile]; });
    EXPECT_THAT(runs, Each(1)) << tiles << " tiles";
  }
}

TEST_P(TeamTest, RunsPlainFunctionsWithAContext) {
  Team team(GetParam());
  struct Context {
    std::atomic<int64_t> sum{0};
  } context;
  team.Run(
      101, [](void* c, int64_t tile) { static_cast<Context*>(c)->sum += tile; },
      &context);
  EXPECT_EQ(context.sum, 5050);
}

// Runs function once in each thread of the team: no tile ends before all have
// begun, so each needs a thread of its own.
void RunInEachThread(Team& team, absl::FunctionRef<void(int64_t)> function) {
  std::atomic<int> begun{0};
  team.Run(team.threads(), [&](int64_t tile) {
    ++begun;
    while (begun < team.threads()) std::this_thread::yield();
    function(tile);
  });
}

TEST_P(TeamTest, AllThreadsTakePart) {
  Team team(GetParam());
  EXPECT_EQ(team.threads(), std::max(GetParam(), 1));
  std::vector<std::thread::id> ids(team.threads());
  RunInEachThread(
      team, [&](int64_t tile) { ids[tile] = std::this_thread::get_id(); });
  EXPECT_EQ(std::set<std::thread::id>(ids.begin(), ids.end()).size(),
            team.threads());
}

TEST_P(TeamTest, NestedRunsStayInTheThreadOfTheirTile) {
  Team team(GetParam());
  std::vector<int> runs(20 * 30, 0);
  std::atomic<int> strays{0};
  team.Run(20, [&](int64_t outer) {
    const auto thread = std::this_thread::get_id();
    team.Run(30, [&](int64_t inner) {
      ++runs[30 * outer + inner];
      if (std::this_thread::get_id() != thread) ++strays;
    });
  });
  EXPECT_THAT(runs, Each(1));
  EXPECT_EQ(strays, 0);
}

TEST_P(TeamTest, ServesSeveralCallersAtOnce) {
  constexpr int kCallers = 4, kRuns = 300, kTiles = 17;
  Team team(GetParam());
  std::vector<std::vector<int>> runs(kCallers, std::vector<int>(kTiles, 0));
  std::vector<std::thread> callers;
  for (int c = 0; c < kCallers; ++c) {
    callers.emplace_back([&, c] {
      for (int i = 0; i < kRuns; ++i) {
        team.Run(kTiles, [&](int64_t tile) { ++runs[c][tile]; });
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_THAT(runs, Each(Each(kRuns)));
}

// The function and what it refers to are gone after each run: a worker that
// still believed in an old run would read and write dead memory.
TEST_P(TeamTest, ManyShortRunsNeverTouchAnEarlierOne) {
  Team team(GetParam());
  for (int run = 0; run < 20'000; ++run) {
    const int tiles = run % 5;
    int64_t marks[4] = {-1, -1, -1, -1};
    team.Run(tiles, [run, &marks](int64_t tile) { marks[tile] = run; });
    for (int tile = 0; tile < 4; ++tile) {
      ASSERT_EQ(marks[tile], tile < tiles ? run : -1);
    }
  }
}

TEST_P(TeamTest, TilesHaveTheFloatingPointModeOfTheCaller) {
  Team team(GetParam());
  const uint32_t saved = _mm_getcsr();
  for (const uint32_t flush : {_MM_FLUSH_ZERO_ON, _MM_FLUSH_ZERO_OFF}) {
    _MM_SET_FLUSH_ZERO_MODE(flush);
    std::vector<uint32_t> modes(team.threads());
    RunInEachThread(team,
                    [&](int64_t tile) { modes[tile] = FloatingPointMode(); });
    EXPECT_THAT(modes, Each(FloatingPointMode()));
  }
  _mm_setcsr(saved);
}

TEST_P(TeamTest, IdleWorkersFallAsleepAndWakeForARun) {
  Team team(GetParam());
  for (int i = 0; i < 20; ++i) {
    while (team.sleeping_workers() < team.threads() - 1) {
      std::this_thread::yield();
    }
    std::vector<int> runs(16, 0);
    team.Run(16, [&](int64_t tile) { ++runs[tile]; });
    EXPECT_THAT(runs, Each(1));
  }
}

TEST(TeamTest, OneThreadRunsTilesInOrderInTheCallersThread) {
  for (const int threads : {-1, 0, 1}) {
    Team team(threads);
    EXPECT_EQ(team.threads(), 1);
    std::vector<std::pair<int64_t, std::thread::id>> calls;
    team.Run(3, [&](int64_t tile) {
      calls.emplace_back(tile, std::this_thread::get_id());
    });
    const auto self = std::this_thread::get_id();
    EXPECT_THAT(calls,
                ElementsAre(Pair(0, self), Pair(1, self), Pair(2, self)));
  }
}

TEST(TeamTest, NegativeTileCountsRunNothing) {
  Team team(2);
  team.Run(-3, [](int64_t) { FAIL(); });
}

TEST(TeamTest, ABusyTeamLeavesTheSecondCallerToItself) {
  Team team(2);
  std::atomic<bool> second_done{false};
  std::set<std::thread::id> seconds_threads;
  std::thread::id second;
  // Both threads of the team are inside this run until the other run is over.
  std::atomic<int> begun{0};
  std::thread caller([&] {
    team.Run(2, [&](int64_t) {
      ++begun;
      while (!second_done) std::this_thread::yield();
    });
  });
  while (begun < 2) std::this_thread::yield();
  team.Run(
      10, [&](int64_t) { seconds_threads.insert(std::this_thread::get_id()); });
  second_done = true;
  caller.join();
  EXPECT_THAT(seconds_threads, ElementsAre(std::this_thread::get_id()));
}

TEST(TeamTest, TeamsComeAndGoWithWorkersAsleepOrAwake) {
  for (int i = 0; i < 200; ++i) {
    Team team(3);
    if (i % 2 == 0) continue;
    std::vector<int> runs(5, 0);
    team.Run(5, [&](int64_t tile) { ++runs[tile]; });
    ASSERT_THAT(runs, Each(1));
  }
}

std::set<std::pair<int64_t, int64_t>> Ranges(int threads, int64_t n,
                                             int64_t grain) {
  Team team(threads);
  Mutex mutex;
  std::set<std::pair<int64_t, int64_t>> ranges;
  ForRange(team, n, grain, [&](int64_t begin, int64_t end) {
    MutexLock lock(mutex);
    EXPECT_TRUE(ranges.emplace(begin, end).second);
  });
  return ranges;
}

TEST(ForRangeTest, CutsByGrainAlone) {
  for (const int threads : {0, 1, 2, 3, 8}) {
    EXPECT_THAT(Ranges(threads, 10, 4),
                ElementsAre(Pair(0, 4), Pair(4, 8), Pair(8, 10)));
    EXPECT_THAT(Ranges(threads, 8, 4), ElementsAre(Pair(0, 4), Pair(4, 8)));
    EXPECT_THAT(Ranges(threads, 3, 100), ElementsAre(Pair(0, 3)));
    EXPECT_THAT(Ranges(threads, 0, 4), ElementsAre());
    EXPECT_THAT(Ranges(threads, -7, 4), ElementsAre());
  }
}

TEST(ForRangeTest, BoundsNearTheLargestIntegerDoNotOverflow) {
  EXPECT_THAT(Ranges(2, INT64_MAX, int64_t{1} << 62),
              ElementsAre(Pair(0, int64_t{1} << 62),
                          Pair(int64_t{1} << 62, INT64_MAX)));
}

}  // namespace
}  // namespace trellis
