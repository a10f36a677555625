// What a Team costs beside the work: a run of empty tiles, hot and after sleep.
#include <cstdint>
#include <thread>

#include "benchmark/benchmark.h"
#include "trellis/base/team.h"

namespace trellis {
namespace {

void EmptyTile(void*, int64_t) {}

// Workers stay awake between runs. Arguments: threads, tiles.
void BM_RunHot(benchmark::State& state) {
  Team team(static_cast<int>(state.range(0)));
  for (auto _ : state) team.Run(state.range(1), EmptyTile, nullptr);
}
BENCHMARK(BM_RunHot)->ArgsProduct({{1, 2, 4}, {1, 2, 16}})->UseRealTime();

// All workers sleep before each run.
void BM_RunAfterSleep(benchmark::State& state) {
  Team team(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    state.PauseTiming();
    while (team.sleeping_workers() < team.threads() - 1) {
      std::this_thread::yield();
    }
    state.ResumeTiming();
    team.Run(team.threads(), EmptyTile, nullptr);
  }
}
BENCHMARK(BM_RunAfterSleep)->Arg(2)->Arg(4)->UseRealTime();

// Tiles of equal work, some 4 us each: ideal is 1 / threads of the time.
void BM_RunBusyTiles(benchmark::State& state) {
  Team team(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    team.Run(64, [](int64_t tile) {
      uint64_t x = tile;
      for (int i = 0; i < 2000; ++i) {
        x = x * 6364136223846793005u + 1442695040888963407u;
      }
      benchmark::DoNotOptimize(x);
    });
  }
}
BENCHMARK(BM_RunBusyTiles)->Arg(1)->Arg(2)->UseRealTime();

}  // namespace
}  // namespace trellis
