// The array families: how close to a plain copy they come.
//
//   bazel run //bench/kernel:array_benchmark
#include "trellis/bench/kernel/op_benchmark.h"

namespace trellis::bench {
namespace {

void Transpose(benchmark::State& state) {
  RunOp(state, "Transpose", {RandomFloats({512, 512})},
        {Tensor::Of<int32_t>({1, 0})});
}
BENCHMARK(Transpose)->Arg(0)->Arg(2);

void Tile(benchmark::State& state) {
  RunOp(state, "Tile", {RandomFloats({128, 256})},
        {Tensor::Of<int32_t>({4, 1})});
}
BENCHMARK(Tile)->Arg(0)->Arg(2);

void Slice(benchmark::State& state) {
  RunOp(state, "Slice", {RandomFloats({512, 512})},
        {Tensor::Of<int32_t>({0, 128}), Tensor::Of<int32_t>({512, 256})});
}
BENCHMARK(Slice)->Arg(0)->Arg(2);

void Concat(benchmark::State& state) {
  RunOp(state, "ConcatV2", {RandomFloats({256, 256}), RandomFloats({256, 256})},
        {Tensor::Scalar<int32_t>(1)});
}
BENCHMARK(Concat)->Arg(0)->Arg(2);

void Gather(benchmark::State& state) {
  Tensor indices(kInt32, {1024});
  for (int i = 0; i < 1024; ++i) indices.flat<int32_t>()[i] = i * 7919 % 4096;
  RunOp(state, "GatherV2", {RandomFloats({4096, 64})},
        {indices, Tensor::Scalar<int32_t>(0)});
}
BENCHMARK(Gather)->Arg(0)->Arg(2);

void RandomUniform(benchmark::State& state) {
  RunOp(state, "RandomUniform", {}, {Tensor::Of<int32_t>({128, 256})},
        {{"dtype", kFloat32}, {"seed", 1}, {"seed2", 2}});
}
BENCHMARK(RandomUniform)->Arg(0)->Arg(2);

}  // namespace
}  // namespace trellis::bench
