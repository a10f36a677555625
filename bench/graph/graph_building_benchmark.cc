// Building, exporting and importing large graphs: time and bytes per node,
// which must not grow with the number of nodes.
//
//   bazel run //bench/graph:graph_building_benchmark
#include <malloc.h>

#include <memory>
#include <string>

#include "benchmark/benchmark.h"
#include "trellis/base/check.h"
#include "trellis/graph/graph_def.h"
#include "trellis/graph/op_builder.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

size_t BytesInUse() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// A chain of additions under a name scope, each of a fresh unique name.
void Build(Graph& graph, int64_t nodes) {
  const Scope scope = graph.root().NameScope("tower");
  const Output x = Emit(scope, "Placeholder", {},
                        {{"dtype", kFloat32}, {"shape", Shape{-1, 16}}});
  Output sum = x;
  for (int64_t i = 1; i < nodes; ++i) sum = Emit(scope, "AddV2", {sum, x});
  TRELLIS_CHECK(graph.status().ok()) << graph.status().ToString();
}

void PerNode(benchmark::State& state, size_t bytes) {
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["bytes_per_node"] =
      static_cast<double>(bytes) / static_cast<double>(state.range(0));
}

void BM_Build(benchmark::State& state) {
  size_t bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const size_t before = BytesInUse();
    auto graph = std::make_unique<Graph>(Builtin().ops);
    state.ResumeTiming();
    Build(*graph, state.range(0));
    state.PauseTiming();
    bytes = BytesInUse() - before;
    graph.reset();
    state.ResumeTiming();
  }
  PerNode(state, bytes);
}

void BM_Export(benchmark::State& state) {
  Graph graph(Builtin().ops);
  Build(graph, state.range(0));
  size_t bytes = 0;
  for (auto _ : state) {
    const absl::StatusOr<std::string> text = ExportGraphDef(graph);
    TRELLIS_CHECK(text.ok()) << text.status().ToString();
    bytes = text->size();
  }
  PerNode(state, bytes);
}

void BM_Import(benchmark::State& state) {
  std::string text;
  {
    Graph graph(Builtin().ops);
    Build(graph, state.range(0));
    text = *ExportGraphDef(graph);
  }
  size_t bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const size_t before = BytesInUse();
    state.ResumeTiming();
    auto graph = ImportGraphDef(text, Builtin().ops);
    TRELLIS_CHECK(graph.ok()) << graph.status().ToString();
    state.PauseTiming();
    bytes = BytesInUse() - before;
    graph->reset();
    state.ResumeTiming();
  }
  PerNode(state, bytes);
}

void Sizes(benchmark::internal::Benchmark* b) {
  b->ArgName("nodes")->Arg(10'000)->Arg(100'000)->Arg(1'000'000)->Unit(
      benchmark::kMillisecond);
}
BENCHMARK(BM_Build)->Apply(Sizes);
BENCHMARK(BM_Export)->Apply(Sizes);
BENCHMARK(BM_Import)->Apply(Sizes);

}  // namespace
}  // namespace trellis
