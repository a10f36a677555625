// How long planning an arena takes, by number of values.
#include <random>
#include <vector>

#include "benchmark/benchmark.h"
#include "trellis/runtime/arena_planner.h"

namespace trellis {
namespace {

// Lifetimes like those of a training step: most values die soon, activations
// live until the backward pass.
void BM_PlanArena(benchmark::State& state) {
  const int values = static_cast<int>(state.range(0));
  std::mt19937 random(1);
  std::vector<Lifetime> lifetimes;
  for (int i = 0; i < values; ++i) {
    const bool activation = i < values / 2 && i % 3 == 0;
    lifetimes.push_back(
        {i, activation ? values - 1 - i : i + 2, 64 * (1 + random() % 4096)});
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(PlanArena(lifetimes).bytes);
  }
  state.SetItemsProcessed(state.iterations() * values);
}
BENCHMARK(BM_PlanArena)->Arg(100)->Arg(1000)->Arg(5000);

}  // namespace
}  // namespace trellis
