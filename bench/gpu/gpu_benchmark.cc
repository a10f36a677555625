// What a session makes of a GPU: bytes per second of element-wise ops, and
// steps per second where the arithmetic is nothing.
//
//   bazel run //bench/gpu:gpu_benchmark
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "trellis/base/check.h"
#include "trellis/runtime/device.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

// `additions` dependent additions of two arrays of n floats that are made on
// the GPU from a fed number; nothing is folded and nothing comes back.
class AddChain {
 public:
  AddChain(int64_t n, int additions) : graph_(NewGraph()) {
    const Output x =
        Add({.name = "x",
             .op = "Placeholder",
             .attrs = {{"dtype", kFloat32}, {"shape", Shape::Scalar()}}});
    const Output size = Add(
        {.name = "size",
         .op = "Const",
         .attrs = {{"dtype", kInt64}, {"value", Tensor::Of<int64_t>({n})}}});
    const Output addend = Add({.name = "addend",
                               .op = "Fill",
                               .inputs = {size, x},
                               .device = kOnGpu});
    Output sum = addend;
    for (int i = 0; i < additions; ++i) {
      sum = Add({.name = absl::StrCat("sum", i),
                 .op = "AddV2",
                 .inputs = {sum, addend},
                 .device = kOnGpu});
    }
    auto session =
        NewSession(graph_, {.threads = 0, .device_count = {{"GPU", 1}}});
    TRELLIS_CHECK(session.ok()) << session.status().ToString();
    session_ = *std::move(session);
    auto callable = session_->MakeCallable({x}, {}, {sum.node});
    TRELLIS_CHECK(callable.ok()) << callable.status().ToString();
    callable_ = *callable;
  }

  void Run() {
    const absl::Status status = callable_.Run(feeds_, &results_);
    TRELLIS_CHECK(status.ok()) << status.ToString();
  }

 private:
  static constexpr char kOnGpu[] = "/device:GPU:0";

  Output Add(NodeSpec spec) {
    absl::StatusOr<Node*> node = graph_.TryAddNode(std::move(spec));
    TRELLIS_CHECK(node.ok()) << node.status().ToString();
    return (*node)->output();
  }

  Graph graph_;
  std::unique_ptr<Session> session_;
  Callable callable_;
  const std::vector<Tensor> feeds_ = {Tensor::Scalar(0.5f)};
  std::vector<Tensor> results_;
};

// "" if there is one.
std::string WhyNoGpu() {
  const auto devices = DeviceSet::Make(Builtin().devices, {{"GPU", 1}});
  return devices.ok() ? devices->WhyNone(kGpu) : devices.status().ToString();
}

void RunChain(benchmark::State& state, int64_t n, int additions) {
  if (const std::string why = WhyNoGpu(); !why.empty()) {
    state.SkipWithError(why.c_str());
    return;
  }
  AddChain chain(n, additions);
  for (int i = 0; i < 3; ++i) chain.Run();
  for (auto _ : state) chain.Run();
}

// 64 MiB arrays: more than the caches of an H100 hold. Each addition reads two
// and writes one.
void BM_LargeAdds(benchmark::State& state) {
  constexpr int64_t kFloats = int64_t{16} << 20;
  constexpr int kAdditions = 32;
  RunChain(state, kFloats, kAdditions);
  state.SetBytesProcessed(state.iterations() * kAdditions * kFloats * 12);
}
BENCHMARK(BM_LargeAdds)->UseRealTime();

// Items are steps.
void BM_SmallAdds(benchmark::State& state) {
  constexpr int kAdditions = 1000;
  RunChain(state, 256, kAdditions);
  state.SetItemsProcessed(state.iterations() * kAdditions);
}
BENCHMARK(BM_SmallAdds)->UseRealTime();

}  // namespace
}  // namespace trellis
