// Element-wise kernels: the loops under broadcasting, and the functions.
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/kernels/all_cpu.h"
#include "trellis/kernels/broadcast_rows.h"
#include "trellis/tests/kernel_testing.h"
#include "trellis/tests/op_testing.h"
#include "trellis/tests/status_matchers.h"

namespace trellis::testing {
namespace {

using ::testing::ElementsAre;

using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

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
                               KernelOptionsForTest options = {}) {
  absl::StatusOr<std::vector<Tensor>> outputs =
      RunKernel(AllOps(), Kernels(), op, inputs, options);
  if (!outputs.ok()) return outputs.status();
  return (*outputs)[0];
}

template <typename T>
std::vector<T> Values(const absl::StatusOr<Tensor>& tensor) {
  EXPECT_THAT(tensor, IsOk());
  if (!tensor.ok()) return {};
  return std::vector<T>(tensor->flat<T>().begin(), tensor->flat<T>().end());
}

Tensor Floats(std::initializer_list<float> values) {
  return Tensor::Of<float>(values);
}
Tensor Ints(std::initializer_list<int32_t> values) {
  return Tensor::Of<int32_t>(values);
}

// 0, 1, 2, ...
Tensor Iota(const Shape& shape) {
  Tensor t(kFloat32, shape);
  for (int64_t i = 0; i < t.num_elements(); ++i) t.flat<float>()[i] = i;
  return t;
}

TEST(BroadcastRowsTest, AxesThatBehaveAlikeAreOne) {
  absl::StatusOr<Broadcast> b = MakeBroadcast({2, 3, 4}, {2, 3, 4});
  ASSERT_THAT(b, IsOk());
  EXPECT_EQ(b->outer_rank, 0);
  EXPECT_EQ(b->inner, 24);

  b = MakeBroadcast({2, 3, 4}, Shape::Scalar());
  ASSERT_THAT(b, IsOk());
  EXPECT_EQ(b->outer_rank, 0);
  EXPECT_FALSE(b->y_moves);

  b = MakeBroadcast({5, 2, 3}, {2, 3});
  ASSERT_THAT(b, IsOk());
  EXPECT_EQ(b->outer_rank, 1);
  EXPECT_EQ(b->inner, 6);
}

TEST(BroadcastRowsTest, TakingTurnsAlongManyAxesIsUnimplemented) {
  Shape x, y;
  x = Shape::Scalar();
  y = Shape::Scalar();
  for (int i = 0; i < 17; ++i) {
    x.push_back(i % 2 == 0 ? 2 : 1);
    y.push_back(i % 2 == 0 ? 1 : 2);
  }
  EXPECT_THAT(MakeBroadcast(x, y), StatusIs(absl::StatusCode::kUnimplemented));
}

// Every pair of shapes against index arithmetic.
TEST(ElementWiseTest, BroadcastsAsIndicesSay) {
  const std::vector<Shape> shapes = {
      Shape::Scalar(), {1},       {4},       {3, 1},    {3, 4},   {2, 1, 4},
      {2, 3, 1},       {2, 3, 4}, {1, 1, 1}, {2, 1, 1}, {1, 3, 1}};
  for (const Shape& xs : shapes) {
    for (const Shape& ys : shapes) {
      SCOPED_TRACE(xs.ToString() + " and " + ys.ToString());
      const Tensor x = Iota(xs), y = Iota(ys);
      const absl::StatusOr<Tensor> z = Compute("Sub", {x, y});
      ASSERT_THAT(z, IsOk());
      const Shape& zs = z->shape();
      for (int64_t i = 0; i < z->num_elements(); ++i) {
        const auto at = [&](const Tensor& t) {
          int64_t rest = i, index = 0, stride = 1;
          for (int d = 0; d < zs.rank(); ++d) {
            const int64_t dim = zs.dim(zs.rank() - 1 - d);
            const int64_t own = d < t.shape().rank()
                                    ? t.shape().dim(t.shape().rank() - 1 - d)
                                    : 1;
            if (own != 1) index += rest % dim * stride;
            stride *= own;
            rest /= dim;
          }
          return t.flat<float>()[index];
        };
        EXPECT_EQ(z->flat<float>()[i], at(x) - at(y)) << "element " << i;
      }
    }
  }
}

TEST(ElementWiseTest, LargeOperandsAreCutIntoTilesInsideOfRows) {
  const Tensor x = Iota({3, 50000}), y = Iota({3, 1});
  const absl::StatusOr<Tensor> one = Compute("Add", {x, y});
  const absl::StatusOr<Tensor> three = Compute("Add", {x, y}, {.threads = 3});
  ASSERT_THAT(one, IsOk());
  ASSERT_THAT(three, IsOk());
  for (int64_t i : {0, 32767, 32768, 49999, 50000, 149999}) {
    EXPECT_EQ(one->flat<float>()[i], i + i / 50000) << i;
  }
  EXPECT_TRUE(one->SameAs(*three));
}

TEST(ElementWiseTest, WorksInPlaceOfEitherOperand) {
  const Tensor x = Floats({5, 7}), y = Floats({1, 2});
  for (int operand : {0, 1}) {
    EXPECT_THAT(Values<float>(Compute("Sub", {x, y}, {.in_place = operand})),
                ElementsAre(4, 5));
  }
  EXPECT_THAT(
      Values<float>(Compute("Sub", {x, Tensor::Scalar(1.0f)}, {.in_place = 0})),
      ElementsAre(4, 6));
}

TEST(ElementWiseTest, EmptyOperandsMakeNothing) {
  const Tensor none(kInt32, {0});
  EXPECT_THAT(Values<int32_t>(Compute("Add", {none, Ints({1})})),
              ElementsAre());
  // Nothing is divided.
  EXPECT_THAT(Values<int32_t>(Compute("FloorDiv", {none, Ints({0})})),
              ElementsAre());
}

TEST(ElementWiseTest, ACancelledRunStops) {
  const std::atomic<bool> cancelled = true;
  EXPECT_THAT(Compute("Neg", {Iota({100000})}, {.cancelled = &cancelled}),
              StatusIs(absl::StatusCode::kCancelled));
}

TEST(BinaryTest, IntegersWrapAround) {
  constexpr int32_t kMin = std::numeric_limits<int32_t>::min();
  constexpr int32_t kMax = std::numeric_limits<int32_t>::max();
  EXPECT_THAT(Values<int32_t>(Compute("Add", {Ints({kMax}), Ints({1})})),
              ElementsAre(kMin));
  EXPECT_THAT(Values<int32_t>(Compute("Sub", {Ints({kMin}), Ints({1})})),
              ElementsAre(kMax));
  EXPECT_THAT(Values<int32_t>(Compute("Mul", {Ints({1 << 30}), Ints({4})})),
              ElementsAre(0));
  EXPECT_THAT(Values<int32_t>(Compute("Neg", {Ints({kMin})})),
              ElementsAre(kMin));
  // The quotient that does not fit.
  EXPECT_THAT(Values<int32_t>(Compute("Div", {Ints({kMin}), Ints({-1})})),
              ElementsAre(kMin));
  EXPECT_THAT(Values<int32_t>(Compute("FloorMod", {Ints({kMin}), Ints({-1})})),
              ElementsAre(0));
}

TEST(BinaryTest, DivisionsRoundAsTheirOpsSay) {
  const Tensor x = Ints({7, -7, 7, -7}), y = Ints({2, 2, -2, -2});
  EXPECT_THAT(Values<int32_t>(Compute("Div", {x, y})),
              ElementsAre(3, -3, -3, 3));
  EXPECT_THAT(Values<int32_t>(Compute("FloorDiv", {x, y})),
              ElementsAre(3, -4, -4, 3));
  EXPECT_THAT(Values<int32_t>(Compute("FloorMod", {x, y})),
              ElementsAre(1, 1, -1, -1));
  const Tensor fx = Floats({7, -7, 7, -7}), fy = Floats({2, 2, -2, -2});
  EXPECT_THAT(Values<float>(Compute("FloorDiv", {fx, fy})),
              ElementsAre(3, -4, -4, 3));
  EXPECT_THAT(Values<float>(Compute("FloorMod", {fx, fy})),
              ElementsAre(1, 1, -1, -1));
}

TEST(BinaryTest, IntegerDivisionByZeroNamesTheElement) {
  for (const char* op : {"Div", "FloorDiv", "FloorMod"}) {
    SCOPED_TRACE(op);
    EXPECT_THAT(Compute(op, {Ints({1, 2, 3}), Ints({1, 0, 0})}),
                StatusIs(kInvalid, HasSubstr("element 1 of y is 0")));
  }
  EXPECT_THAT(Values<float>(Compute("RealDiv", {Floats({1}), Floats({0})})),
              ElementsAre(kInf));
}

TEST(BinaryTest, PowersOfIntegers) {
  EXPECT_THAT(Values<int32_t>(
                  Compute("Pow", {Ints({2, -3, 7, 0}), Ints({10, 3, 0, 0})})),
              ElementsAre(1024, -27, 1, 1));
  EXPECT_THAT(Compute("Pow", {Ints({2}), Ints({-1})}),
              StatusIs(kInvalid, HasSubstr("negative power")));
}

TEST(BinaryTest, MaximumKeepsItsFirstOperandBesideANan) {
  const Tensor x = Floats({kNan, 1, 2}), y = Floats({1, kNan, 3});
  EXPECT_THAT(Values<float>(Compute("Maximum", {x, y})),
              ElementsAre(::testing::IsNan(), 1, 3));
  EXPECT_THAT(Values<float>(Compute("Minimum", {x, y})),
              ElementsAre(::testing::IsNan(), 1, 2));
}

TEST(BinaryTest, StringsAreJoined) {
  const Tensor a = Tensor::Of<std::string>({"x", "y"});
  EXPECT_THAT(Values<std::string>(Compute("Add", {a, Tensor::Scalar("1")})),
              ElementsAre("x1", "y1"));
}

TEST(CompareTest, OrderAndEquality) {
  const Tensor x = Floats({1, 2, kNan}), y = Floats({2, 2, kNan});
  EXPECT_THAT(Values<bool>(Compute("Less", {x, y})),
              ElementsAre(true, false, false));
  EXPECT_THAT(Values<bool>(Compute("LessEqual", {x, y})),
              ElementsAre(true, true, false));
  EXPECT_THAT(Values<bool>(Compute("GreaterEqual", {x, y})),
              ElementsAre(false, true, false));
  EXPECT_THAT(Values<bool>(Compute("Equal", {x, y})),
              ElementsAre(false, true, false));
  EXPECT_THAT(Values<bool>(Compute("NotEqual", {x, y})),
              ElementsAre(true, false, true));
}

TEST(CompareTest, StringsAndTruthValuesCanBeEqual) {
  const Tensor s = Tensor::Of<std::string>({"a", "b"});
  EXPECT_THAT(Values<bool>(Compute("Equal", {s, Tensor::Scalar("b")})),
              ElementsAre(false, true));
  const Tensor t = Tensor::Of<bool>({true, false});
  EXPECT_THAT(Values<bool>(Compute("NotEqual", {t, Tensor::Scalar(true)})),
              ElementsAre(false, true));
  EXPECT_THAT(Values<bool>(Compute("LogicalAnd", {t, Tensor::Scalar(true)})),
              ElementsAre(true, false));
  EXPECT_THAT(Values<bool>(Compute("LogicalOr", {t, Tensor::Scalar(true)})),
              ElementsAre(true, true));
  EXPECT_THAT(Values<bool>(Compute("LogicalNot", {t})),
              ElementsAre(false, true));
}

TEST(CompareTest, IncompatibleShapesCanBeMerelyUnequal) {
  const AttrMap lenient = {{"incompatible_shape_error", false}};
  EXPECT_THAT(Values<bool>(Compute("Equal", {Floats({1}), Floats({1, 2})},
                                   {.attrs = lenient})),
              ElementsAre(true, false));
  EXPECT_THAT(Values<bool>(Compute("Equal", {Floats({1, 2, 3}), Floats({1, 2})},
                                   {.attrs = lenient})),
              ElementsAre(false));
  EXPECT_THAT(
      Values<bool>(Compute("NotEqual", {Floats({1, 2, 3}), Floats({1, 2})},
                           {.attrs = lenient})),
      ElementsAre(true));
}

TEST(UnaryTest, Functions) {
  const Tensor x = Floats({-2, 0, 4, kNan});
  EXPECT_THAT(Values<float>(Compute("Abs", {x})),
              ElementsAre(2, 0, 4, ::testing::IsNan()));
  EXPECT_THAT(Values<float>(Compute("Relu", {x})),
              ElementsAre(0, 0, 4, ::testing::IsNan()));
  EXPECT_THAT(Values<float>(Compute("Sign", {x})), ElementsAre(-1, 0, 1, 0));
  EXPECT_THAT(Values<float>(Compute("Square", {x})),
              ElementsAre(4, 0, 16, ::testing::IsNan()));
  EXPECT_THAT(Values<float>(Compute("Floor", {Floats({-1.5, 2.5})})),
              ElementsAre(-2, 2));
  EXPECT_THAT(Values<float>(Compute("Sqrt", {Floats({9})})), ElementsAre(3));
  EXPECT_THAT(Values<float>(Compute("Rsqrt", {Floats({4})})), ElementsAre(0.5));
  EXPECT_THAT(Values<float>(Compute("Sigmoid", {Floats({0, -200, 200})})),
              ElementsAre(0.5, 0, 1));
  EXPECT_THAT(Values<float>(Compute("Exp", {Floats({0})})), ElementsAre(1));
  EXPECT_THAT(Values<float>(Compute("Log", {Floats({0})})), ElementsAre(-kInf));
}

TEST(UnaryTest, Gradients) {
  const Tensor y = Floats({2}), dy = Floats({3});
  EXPECT_THAT(Values<float>(Compute("RsqrtGrad", {y, dy})), ElementsAre(-12));
  EXPECT_THAT(Values<float>(Compute("SqrtGrad", {y, dy})), ElementsAre(0.75));
  EXPECT_THAT(Values<float>(Compute("ReciprocalGrad", {y, dy})),
              ElementsAre(-12));
  EXPECT_THAT(Values<float>(Compute("SigmoidGrad", {y, dy})), ElementsAre(-6));
  EXPECT_THAT(Values<float>(Compute("TanhGrad", {y, dy})), ElementsAre(-9));
  EXPECT_THAT(
      Values<float>(Compute("ReluGrad", {Floats({kInf, 5}), Floats({0, 1})})),
      ElementsAre(0, 5));
}

TEST(SelectTest, ElementsRowsOrAll) {
  const Tensor t = Iota({2, 3});
  const absl::StatusOr<Tensor> e = Compute("Neg", {t});
  ASSERT_THAT(e, IsOk());
  EXPECT_THAT(Values<float>(
                  Compute("Select", {Tensor::Of<bool>({false, true}), t, *e})),
              ElementsAre(0, -1, -2, 3, 4, 5));
  EXPECT_THAT(Values<float>(Compute("Select", {Tensor::Scalar(false), t, *e})),
              ElementsAre(0, -1, -2, -3, -4, -5));
  const Tensor each = Tensor::Of<bool>({true, false, true, false, true, false})
                          .Reshaped({2, 3});
  for (int in_place : {-1, 1, 2}) {
    EXPECT_THAT(
        Values<float>(Compute("Select", {each, t, *e}, {.in_place = in_place})),
        ElementsAre(0, -1, 2, -3, 4, -5));
  }
}

TEST(CastTest, BetweenKinds) {
  EXPECT_THAT(Values<int32_t>(Compute("Cast", {Floats({-1.7f, 2.9f})},
                                      {.attrs = {{"DstT", kInt32}}})),
              ElementsAre(-1, 2));
  EXPECT_THAT(Values<bool>(Compute("Cast", {Floats({0, -0.0f, 0.5f, kNan})},
                                   {.attrs = {{"DstT", kBool}}})),
              ElementsAre(false, false, true, true));
  EXPECT_THAT(Values<double>(Compute("Cast", {Tensor::Of<bool>({true, false})},
                                     {.attrs = {{"DstT", kFloat64}}})),
              ElementsAre(1, 0));
  EXPECT_THAT(
      Values<int32_t>(Compute("Cast", {Tensor::Of<int64_t>({(1LL << 32) + 5})},
                              {.attrs = {{"DstT", kInt32}}})),
      ElementsAre(5));
}

TEST(AddNTest, AddsAnyNumberFromTheFirstToTheLast) {
  std::vector<KernelInput> terms;
  for (int n = 1; n <= 20; ++n) {
    terms.push_back(Floats({static_cast<float>(n), 1}));
    for (int in_place : {-1, 0}) {
      EXPECT_THAT(Values<float>(Compute("AddN", terms, {.in_place = in_place})),
                  ElementsAre(n * (n + 1) / 2, n));
    }
  }
  // (1e8 + 1) + -1e8 loses the 1, in this order only.
  EXPECT_THAT(Values<float>(Compute(
                  "AddN", {Floats({1e8f}), Floats({1}), Floats({-1e8f})})),
              ElementsAre(0));
}

TEST(BiasAddTest, AlongTheAxisOfChannels) {
  EXPECT_THAT(
      Values<float>(Compute("BiasAdd", {Iota({2, 3}), Floats({10, 20, 30})})),
      ElementsAre(10, 21, 32, 13, 24, 35));
  EXPECT_THAT(
      Values<float>(Compute("BiasAdd", {Iota({1, 2, 2, 2}), Floats({10, 20})},
                            {.attrs = {{"data_format", "NCHW"}}})),
      ElementsAre(10, 11, 12, 13, 24, 25, 26, 27));
}

TEST(BroadcastGradientArgsTest, TheSameAheadAndAtRunTime) {
  for (bool known : {true, false}) {
    const absl::StatusOr<std::vector<Tensor>> axes =
        RunKernel(AllOps(), Kernels(), "BroadcastGradientArgs",
                  {Ints({2, 1}), Ints({4, 2, 3})}, {.values_known = known});
    ASSERT_THAT(axes, IsOk());
    EXPECT_THAT((*axes)[0].flat<int32_t>(), ElementsAre(0, 2));
    EXPECT_THAT((*axes)[1].flat<int32_t>(), ElementsAre());
  }
  EXPECT_THAT(RunKernel(AllOps(), Kernels(), "BroadcastGradientArgs",
                        {Ints({2}), Ints({3})}, {.values_known = false}),
              StatusIs(kInvalid));
}

}  // namespace
}  // namespace trellis::testing
