// Reductions, matrix products and softmax: values, and that results do not
// depend on the number of threads.
#include <cmath>
#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/kernels/all_cpu.h"
#include "trellis/kernels/matmul_tile.h"
#include "trellis/tests/kernel_testing.h"
#include "trellis/tests/op_testing.h"
#include "trellis/tests/status_matchers.h"

namespace trellis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

const KernelRegistry& Kernels() {
  static const KernelRegistry* const kernels = [] {
    auto* kernels = new KernelRegistry();
    RegisterAllCpu(*kernels);
    return kernels;
  }();
  return *kernels;
}

absl::StatusOr<Tensor> Compute(absl::string_view op,
                               const std::vector<KernelInput>& inputs,
                               AttrMap attrs = {}, int threads = 0) {
  absl::StatusOr<std::vector<Tensor>> outputs =
      RunKernel(AllOps(), Kernels(), op, inputs,
                {.attrs = std::move(attrs), .threads = threads});
  if (!outputs.ok()) return outputs.status();
  return (*outputs)[0];
}

template <typename T>
std::vector<T> Values(const absl::StatusOr<Tensor>& tensor) {
  EXPECT_THAT(tensor, IsOk());
  if (!tensor.ok()) return {};
  return std::vector<T>(tensor->flat<T>().begin(), tensor->flat<T>().end());
}

// Numbers in (-1, 1) without pattern.
template <typename T>
Tensor Noise(const Shape& shape, uint32_t seed = 1) {
  Tensor t(DTypeOf<T>, shape);
  uint32_t state = seed;
  for (T& x : t.flat<T>()) {
    state = state * 1664525 + 1013904223;
    x = static_cast<T>(static_cast<int32_t>(state) / 2147483648.0);
  }
  return t;
}

Tensor Axes(std::initializer_list<int32_t> axes) {
  return Tensor::Of<int32_t>(axes);
}

// Sums in long double, by index arithmetic.
std::vector<long double> SlowSum(const Tensor& x,
                                 const std::vector<bool>& reduced) {
  const Shape& shape = x.shape();
  int64_t outputs = 1;
  for (int d = 0; d < shape.rank(); ++d)
    outputs *= reduced[d] ? 1 : shape.dim(d);
  std::vector<long double> sums(outputs, 0);
  for (int64_t i = 0; i < x.num_elements(); ++i) {
    int64_t rest = i, at = 0, stride = 1;
    for (int d = shape.rank() - 1; d >= 0; --d) {
      if (!reduced[d]) {
        at += rest % shape.dim(d) * stride;
        stride *= shape.dim(d);
      }
      rest /= shape.dim(d);
    }
    sums[at] += x.flat<float>()[i];
  }
  return sums;
}

TEST(ReduceTest, SumsOverEverySetOfAxes) {
  for (const Shape& shape :
       {Shape{3, 4, 5, 2}, Shape{2, 1, 300, 3}, Shape{1, 1, 2, 700},
        Shape{40, 3, 50, 1}, Shape{2, 0, 3, 1}}) {
    const Tensor x = Noise<float>(shape);
    for (int set = 0; set < 16; ++set) {
      std::vector<bool> reduced;
      std::vector<int32_t> axes;
      for (int d = 0; d < 4; ++d) {
        reduced.push_back((set >> d & 1) != 0);
        if (reduced[d]) axes.push_back(d % 2 == 0 ? d : d - 4);
      }
      SCOPED_TRACE(absl::StrCat(shape.ToString(), " set ", set));
      const absl::StatusOr<Tensor> sum =
          Compute("Sum", {x, Tensor::FromSpan<int32_t>(
                                 axes, {static_cast<int64_t>(axes.size())})});
      ASSERT_THAT(sum, IsOk());
      const std::vector<long double> expected = SlowSum(x, reduced);
      ASSERT_EQ(sum->num_elements(), expected.size());
      for (size_t i = 0; i < expected.size(); ++i) {
        EXPECT_NEAR(sum->flat<float>()[i], expected[i], 1e-4) << i;
      }
    }
  }
}

TEST(ReduceTest, LongSumsAreExactToAFewBitsAtAnyThreadCount) {
  struct Case {
    Shape shape;
    int32_t axis;
  };
  for (const Case& c : {Case{{1 << 20}, 0}, Case{{100000, 3}, 0},
                        Case{{2, 200000}, 1}, Case{{3, 5000, 40}, 1}}) {
    SCOPED_TRACE(c.shape.ToString());
    Tensor x(kFloat32, c.shape);
    for (float& e : x.flat<float>()) e = 0.1f;
    const absl::StatusOr<Tensor> sum = Compute("Sum", {x, Axes({c.axis})});
    ASSERT_THAT(sum, IsOk());
    const double expected = c.shape.dim(c.axis) * static_cast<double>(0.1f);
    for (float s : sum->flat<float>()) {
      EXPECT_NEAR(s / expected, 1, 1e-5);
    }
    const Tensor noise = Noise<float>(c.shape);
    const absl::StatusOr<Tensor> alone =
        Compute("Sum", {noise, Axes({c.axis})});
    ASSERT_THAT(alone, IsOk());
    for (int threads : {2, 3, 8}) {
      const absl::StatusOr<Tensor> together =
          Compute("Sum", {noise, Axes({c.axis})}, {}, threads);
      ASSERT_THAT(together, IsOk());
      EXPECT_TRUE(alone->SameAs(*together)) << threads;
    }
  }
}

TEST(ReduceTest, MeansDivideByTheNumberOfElements) {
  const Tensor x = Tensor::Of<float>({1, 2, 3, 6}).Reshaped({2, 2});
  EXPECT_THAT(Values<float>(Compute("Mean", {x, Axes({0, 1})})),
              ElementsAre(3));
  EXPECT_THAT(Values<float>(Compute("Mean", {x, Axes({1})})),
              ElementsAre(1.5, 4.5));
  EXPECT_THAT(Values<int32_t>(
                  Compute("Mean", {Tensor::Of<int32_t>({-1, -2}), Axes({0})})),
              ElementsAre(-1));
  EXPECT_THAT(
      Values<float>(Compute("Mean", {Tensor(kFloat32, {0}), Axes({0})})),
      ElementsAre(::testing::IsNan()));
}

TEST(ReduceTest, EmptyReductionsGiveWhatIsNeutral) {
  const Tensor none(kFloat32, {0, 2});
  EXPECT_THAT(Values<float>(Compute("Sum", {none, Axes({0})})),
              ElementsAre(0, 0));
  EXPECT_THAT(Values<float>(Compute("Prod", {none, Axes({0})})),
              ElementsAre(1, 1));
  EXPECT_THAT(Values<float>(Compute("Max", {none, Axes({0})})),
              ElementsAre(-kInf, -kInf));
  EXPECT_THAT(Values<float>(Compute("Min", {none, Axes({0})})),
              ElementsAre(kInf, kInf));
  EXPECT_THAT(Values<float>(Compute("Sum", {none, Axes({1})})), ElementsAre());
}

TEST(ReduceTest, ExtremaProductsAndTruthValues) {
  const Tensor x = Tensor::Of<float>({3, -1, kNan, 2}).Reshaped({2, 2});
  EXPECT_THAT(Values<float>(Compute("Max", {x, Axes({1})})), ElementsAre(3, 2));
  EXPECT_THAT(Values<float>(Compute("Min", {x, Axes({1})})),
              ElementsAre(-1, 2));
  EXPECT_THAT(Values<int32_t>(
                  Compute("Prod", {Tensor::Of<int32_t>({2, 3, 4}), Axes({0})})),
              ElementsAre(24));
  const Tensor t = Tensor::Of<bool>({true, false, true, true}).Reshaped({2, 2});
  EXPECT_THAT(Values<bool>(Compute("All", {t, Axes({1})})),
              ElementsAre(false, true));
  EXPECT_THAT(Values<bool>(Compute("Any", {t, Axes({0})})),
              ElementsAre(true, true));
}

TEST(ReduceTest, L2LossIsHalfTheSumOfSquares) {
  EXPECT_THAT(Values<float>(Compute("L2Loss", {Tensor::Of<float>({3, 4})})),
              ElementsAre(12.5));
}

TEST(ReduceTest, TheFirstOfSeveralExtremaIsFound) {
  const Tensor x = Tensor::Of<float>({1, 5, 5, kNan, -1, -1}).Reshaped({2, 3});
  const Tensor last = Tensor::Scalar(int32_t{-1});
  EXPECT_THAT(Values<int64_t>(Compute("ArgMax", {x, last})), ElementsAre(1, 1));
  EXPECT_THAT(Values<int64_t>(Compute("ArgMin", {x, last})), ElementsAre(0, 1));
  EXPECT_THAT(Values<int32_t>(Compute("ArgMax", {x, Tensor::Scalar(int32_t{0})},
                                      {{"output_type", kInt32}})),
              ElementsAre(0, 0, 0));
}

TEST(BiasAddGradTest, SumsOverAllButTheChannels) {
  Tensor dy(kFloat32, {1, 2, 2, 2});
  for (int i = 0; i < 8; ++i) dy.flat<float>()[i] = i;
  EXPECT_THAT(Values<float>(Compute("BiasAddGrad", {dy})), ElementsAre(12, 16));
  EXPECT_THAT(
      Values<float>(Compute("BiasAddGrad", {dy}, {{"data_format", "NCHW"}})),
      ElementsAre(6, 22));
}

template <typename T>
void CheckMatMul(int64_t m, int64_t k, int64_t n, double tolerance) {
  for (bool ta : {false, true}) {
    for (bool tb : {false, true}) {
      SCOPED_TRACE(
          absl::StrCat(m, "x", k, "x", n, ta ? " a'" : "", tb ? " b'" : ""));
      const Tensor a = Noise<T>(ta ? Shape{k, m} : Shape{m, k}, 1);
      const Tensor b = Noise<T>(tb ? Shape{n, k} : Shape{k, n}, 2);
      const AttrMap attrs = {{"transpose_a", ta}, {"transpose_b", tb}};
      const absl::StatusOr<Tensor> c = Compute("MatMul", {a, b}, attrs);
      ASSERT_THAT(c, IsOk());
      for (int64_t i = 0; i < m; ++i) {
        for (int64_t j = 0; j < n; ++j) {
          long double sum = 0;
          for (int64_t p = 0; p < k; ++p) {
            sum += static_cast<long double>(
                       a.flat<T>()[ta ? p * m + i : i * k + p]) *
                   b.flat<T>()[tb ? j * k + p : p * n + j];
          }
          ASSERT_NEAR(c->flat<T>()[i * n + j], sum, tolerance) << i << "," << j;
        }
      }
      const absl::StatusOr<Tensor> d = Compute("MatMul", {a, b}, attrs, 3);
      ASSERT_THAT(d, IsOk());
      EXPECT_TRUE(c->SameAs(*d));
    }
  }
}

TEST(MatMulTest, ProductsOfAllExtents) {
  for (int64_t m : {1, 7, 33}) {
    for (int64_t k : {1, 5, 300}) {
      for (int64_t n : {1, 10, 40}) {
        CheckMatMul<float>(m, k, n, 2e-5);
        CheckMatMul<double>(m, k, n, 1e-13);
      }
    }
  }
  CheckMatMul<float>(65, 784, 130, 1e-4);
}

TEST(MatMulTest, EmptyOperands) {
  EXPECT_THAT(Values<float>(Compute("MatMul", {Tensor(kFloat32, {2, 0}),
                                               Tensor(kFloat32, {0, 2})})),
              ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(Values<float>(Compute("MatMul", {Tensor(kFloat32, {0, 2}),
                                               Tensor(kFloat32, {2, 3})})),
              ElementsAre());
}

TEST(MatMulTest, IntegersWrapAround) {
  const Tensor a = Tensor::Of<int32_t>({1 << 30, 1}).Reshaped({1, 2});
  const Tensor b = Tensor::Of<int32_t>({4, 7}).Reshaped({2, 1});
  EXPECT_THAT(Values<int32_t>(Compute("MatMul", {a, b})), ElementsAre(7));
}

TEST(MatMulTest, TilesFitIntoTheirBuffer) {
  EXPECT_LE(BestMatMulTile<float>().rows * BestMatMulTile<float>().columns,
            MatMulTile<float>::kMaxElements);
  EXPECT_LE(BestMatMulTile<double>().rows * BestMatMulTile<double>().columns,
            MatMulTile<double>::kMaxElements);
}

TEST(SoftmaxTest, RowsAreDistributionsWithoutOverflow) {
  const Tensor x =
      Tensor::Of<float>({1000, 1000, -1000, 0, std::log(3.0f), -kInf})
          .Reshaped({2, 3});
  EXPECT_THAT(Values<float>(Compute("Softmax", {x})),
              ElementsAre(0.5, 0.5, 0, FloatNear(0.25, 1e-6),
                          FloatNear(0.75, 1e-6), 0));
  const std::vector<float> logs = Values<float>(Compute("LogSoftmax", {x}));
  ASSERT_EQ(logs.size(), 6);
  EXPECT_NEAR(logs[0], std::log(0.5), 1e-6);
  EXPECT_NEAR(logs[3], std::log(0.25), 1e-6);
  EXPECT_EQ(logs[5], -kInf);
}

TEST(SoftmaxTest, CrossEntropiesAgree) {
  const Tensor x = Noise<float>({4, 5});
  const Tensor labels = Tensor::Of<int64_t>({0, 4, 2, 2});
  Tensor one_hot(kFloat32, {4, 5});
  for (int i = 0; i < 20; ++i) {
    one_hot.flat<float>()[i] = labels.flat<int64_t>()[i / 5] == i % 5;
  }
  const auto sparse = RunKernel(
      AllOps(), Kernels(), "SparseSoftmaxCrossEntropyWithLogits", {x, labels});
  const auto dense = RunKernel(AllOps(), Kernels(),
                               "SoftmaxCrossEntropyWithLogits", {x, one_hot});
  const std::vector<float> logs = Values<float>(Compute("LogSoftmax", {x}));
  ASSERT_THAT(sparse, IsOk());
  ASSERT_THAT(dense, IsOk());
  for (int row = 0; row < 4; ++row) {
    const float expected = -logs[row * 5 + labels.flat<int64_t>()[row]];
    EXPECT_NEAR((*sparse)[0].flat<float>()[row], expected, 1e-6);
    EXPECT_NEAR((*dense)[0].flat<float>()[row], expected, 1e-6);
  }
  for (int i = 0; i < 20; ++i) {
    const float slope = std::exp(logs[i]) - one_hot.flat<float>()[i];
    EXPECT_NEAR((*sparse)[1].flat<float>()[i], slope, 1e-6);
    EXPECT_NEAR((*dense)[1].flat<float>()[i], slope, 1e-6);
  }
}

TEST(SoftmaxTest, LabelsMayBroadcast) {
  const Tensor x = Noise<float>({3, 2});
  const Tensor row = Tensor::Of<float>({1, 0}).Reshaped({1, 2});
  const Tensor all = Tensor::Of<float>({1, 0, 1, 0, 1, 0}).Reshaped({3, 2});
  const auto broadcast = Compute("SoftmaxCrossEntropyWithLogits", {x, row});
  const auto full = Compute("SoftmaxCrossEntropyWithLogits", {x, all});
  ASSERT_THAT(broadcast, IsOk());
  ASSERT_THAT(full, IsOk());
  EXPECT_TRUE(broadcast->SameAs(*full));
}

TEST(SoftmaxTest, LabelsOutsideOfTheClassesAreErrors) {
  const Tensor x = Noise<float>({3, 5});
  EXPECT_THAT(Compute("SparseSoftmaxCrossEntropyWithLogits",
                      {x, Tensor::Of<int32_t>({0, 5, 7})}),
              StatusIs(kInvalid, HasSubstr("labels[1] = 5 is not in [0, 5)")));
  EXPECT_THAT(Compute("SparseSoftmaxCrossEntropyWithLogits",
                      {x, Tensor::Of<int64_t>({0, 1, -1})}),
              StatusIs(kInvalid, HasSubstr("labels[2] = -1 is not in")));
}

}  // namespace
}  // namespace trellis::testing
