// Times one op through a session's callable: the kernel as a plan runs it, on
// random operands, results reused.
#ifndef TRELLIS_BENCH_KERNEL_OP_BENCHMARK_H_
#define TRELLIS_BENCH_KERNEL_OP_BENCHMARK_H_

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "trellis/base/check.h"
#include "trellis/trellis.h"

namespace trellis::bench {

// Uniform in [-1, 1): zeros would make some kernels look better than they are.
inline Tensor RandomFloats(const Shape& shape) {
  Tensor tensor(kFloat32, shape);
  std::mt19937 random(1);
  for (float& f : tensor.flat<float>()) {
    f = static_cast<float>(random()) / 2147483648.f - 1;
  }
  return tensor;
}

// `fed` are operands that change from run to run, `constants` follow them.
// state.range(0) is the number of threads.
inline void RunOp(benchmark::State& state, const std::string& op,
                  const std::vector<Tensor>& fed,
                  const std::vector<Tensor>& constants = {},
                  const AttrMap& attrs = {}) {
  Graph graph(Builtin().ops);
  std::vector<Output> inputs;
  std::vector<TensorRef> feeds;
  const auto add = [&](NodeSpec spec) {
    absl::StatusOr<Node*> node = graph.TryAddNode(std::move(spec));
    TRELLIS_CHECK(node.ok()) << node.status().ToString();
    return (*node)->output();
  };
  for (const Tensor& tensor : fed) {
    inputs.push_back(
        add({.name = absl::StrCat("x", inputs.size()),
             .op = "Placeholder",
             .attrs = {{"dtype", tensor.dtype()}, {"shape", tensor.shape()}}}));
    feeds.push_back(inputs.back());
  }
  for (const Tensor& tensor : constants) {
    inputs.push_back(
        add({.name = absl::StrCat("c", inputs.size()),
             .op = "Const",
             .attrs = {{"dtype", tensor.dtype()}, {"value", tensor}}}));
  }
  const Output result =
      add({.name = "y", .op = op, .inputs = inputs, .attrs = attrs});
  auto session =
      NewSession(graph, {.threads = static_cast<int>(state.range(0))});
  TRELLIS_CHECK(session.ok()) << session.status().ToString();
  auto callable = (*session)->MakeCallable(feeds, {result});
  TRELLIS_CHECK(callable.ok()) << callable.status().ToString();
  std::vector<Tensor> results;
  for (auto _ : state) {
    const absl::Status status = callable->Run(fed, &results);
    TRELLIS_CHECK(status.ok()) << status.ToString();
  }
  int64_t bytes = static_cast<int64_t>(results[0].bytes());
  for (const Tensor& tensor : fed) {
    bytes += static_cast<int64_t>(tensor.bytes());
  }
  state.SetBytesProcessed(state.iterations() * bytes);
}

// For matrix products: 2 m n k per run.
inline void SetFlops(benchmark::State& state, double flops) {
  state.counters["FLOP/s"] =
      benchmark::Counter(flops, benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace trellis::bench

#endif  // TRELLIS_BENCH_KERNEL_OP_BENCHMARK_H_
