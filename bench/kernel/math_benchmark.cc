// The math families at the sizes of the MNIST network (batch 128:
// 784-256-128-10) and of larger layers.
//
//   bazel run //bench/kernel:math_benchmark
#include "trellis/bench/kernel/op_benchmark.h"

namespace trellis::bench {
namespace {

void MatMul(benchmark::State& state, int64_t m, int64_t k, int64_t n,
            bool transpose_a, bool transpose_b) {
  const Shape a = transpose_a ? Shape{k, m} : Shape{m, k};
  const Shape b = transpose_b ? Shape{n, k} : Shape{k, n};
  RunOp(state, "MatMul", {RandomFloats(a), RandomFloats(b)}, {},
        {{"transpose_a", transpose_a}, {"transpose_b", transpose_b}});
  SetFlops(state, 2.0 * static_cast<double>(m * n * k));
}
#define MATMUL(name, m, k, n, ta, tb) \
  BENCHMARK_CAPTURE(MatMul, name, m, k, n, ta, tb)->Arg(0)->Arg(2)
MATMUL(mnist_fc1_128x784x256, 128, 784, 256, false, false);
MATMUL(mnist_fc1_weight_gradient, 784, 128, 256, true, false);
MATMUL(mnist_fc1_input_gradient, 128, 256, 784, false, true);
MATMUL(mnist_logits_128x128x10, 128, 128, 10, false, false);
MATMUL(square_512, 512, 512, 512, false, false);
#undef MATMUL

void Unary(benchmark::State& state, const char* op) {
  RunOp(state, op, {RandomFloats({128, 256})});
}
BENCHMARK_CAPTURE(Unary, relu_128x256, "Relu")->Arg(0)->Arg(2);
BENCHMARK_CAPTURE(Unary, square_128x256, "Square")->Arg(0)->Arg(2);
BENCHMARK_CAPTURE(Unary, exp_128x256, "Exp")->Arg(0)->Arg(2);
BENCHMARK_CAPTURE(Unary, softmax_128x256, "Softmax")->Arg(0)->Arg(2);

void Binary(benchmark::State& state, const char* op, const Shape& a,
            const Shape& b) {
  RunOp(state, op, {RandomFloats(a), RandomFloats(b)});
}
BENCHMARK_CAPTURE(Binary, add_same_shape, "AddV2", Shape{128, 256},
                  Shape{128, 256})
    ->Arg(0)
    ->Arg(2);
BENCHMARK_CAPTURE(Binary, mul_rows, "Mul", Shape{128, 256}, Shape{256})
    ->Arg(0)
    ->Arg(2);
BENCHMARK_CAPTURE(Binary, sub_columns, "Sub", Shape{128, 256}, Shape{128, 1})
    ->Arg(0)
    ->Arg(2);
BENCHMARK_CAPTURE(Binary, bias_add, "BiasAdd", Shape{128, 256}, Shape{256})
    ->Arg(0)
    ->Arg(2);

void Reduce(benchmark::State& state, const char* op, int axis) {
  RunOp(state, op, {RandomFloats({128, 256})}, {Tensor::Of<int32_t>({axis})});
}
BENCHMARK_CAPTURE(Reduce, mean_over_batch, "Mean", 0)->Arg(0)->Arg(2);
BENCHMARK_CAPTURE(Reduce, sum_over_rows, "Sum", 1)->Arg(0)->Arg(2);
BENCHMARK_CAPTURE(Reduce, max_over_rows, "Max", 1)->Arg(0)->Arg(2);

}  // namespace
}  // namespace trellis::bench
