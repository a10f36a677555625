// What a run and a step cost when the arithmetic is nothing.
//
//   bazel run //bench/runtime:run_overhead_benchmark
#include "benchmark/benchmark.h"
#include "trellis/base/check.h"
#include "trellis/tests/runtime/chain_graph.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

using testing::ChainGraph;

// 1,000 dependent scalar additions of distinct fed addends; nothing is fused or
// folded, the plan has 1,000 steps. Items are steps.
void BM_ScalarAdds(benchmark::State& state) {
  ChainGraph chain(1000);
  auto session = NewSession(
      chain.graph,
      {.threads = static_cast<int>(state.range(0)), .optimize = false});
  TRELLIS_CHECK(session.ok()) << session.status().ToString();
  auto callable = (*session)->MakeCallable(chain.feeds, {chain.sum});
  TRELLIS_CHECK(callable.ok()) << callable.status().ToString();
  std::vector<Tensor> results;
  for (auto _ : state) {
    const absl::Status status = callable->Run(chain.values, &results);
    TRELLIS_CHECK(status.ok()) << status.ToString();
  }
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(BM_ScalarAdds)->ArgName("threads")->Arg(0)->Arg(2);

void BM_EmptyRun(benchmark::State& state) {
  ChainGraph chain(1);
  auto session = NewSession(chain.graph, {.threads = 0});
  TRELLIS_CHECK(session.ok()) << session.status().ToString();
  for (auto _ : state) {
    benchmark::DoNotOptimize((*session)->Run({}, Fetches{}).ok());
  }
}
BENCHMARK(BM_EmptyRun);

// One fed and fetched scalar: the way through Session::Run, and through a
// Callable.
void BM_SmallRun(benchmark::State& state) {
  ChainGraph chain(1);
  auto session = NewSession(chain.graph, {.threads = 0});
  TRELLIS_CHECK(session.ok()) << session.status().ToString();
  const Feeds feeds = {{chain.feeds[0], chain.values[0]},
                       {chain.feeds[1], chain.values[1]}};
  for (auto _ : state) {
    benchmark::DoNotOptimize((*session)->Run(feeds, Fetches{chain.sum}).ok());
  }
}
BENCHMARK(BM_SmallRun);

void BM_SmallCallable(benchmark::State& state) {
  ChainGraph chain(1);
  auto session = NewSession(chain.graph, {.threads = 0});
  auto callable = (*session)->MakeCallable(chain.feeds, {chain.sum});
  TRELLIS_CHECK(callable.ok()) << callable.status().ToString();
  std::vector<Tensor> results;
  for (auto _ : state) {
    benchmark::DoNotOptimize(callable->Run(chain.values, &results).ok());
  }
}
BENCHMARK(BM_SmallCallable);

}  // namespace
}  // namespace trellis
