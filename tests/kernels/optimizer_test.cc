#include "trellis/kernels/optimizer.h"

#include <cmath>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/ops/families.h"
#include "trellis/tests/kernels/kernel_family.h"
#include "trellis/tests/status_matchers.h"

namespace trellis::testing {
namespace {

using ::testing::HasSubstr;

const KernelFamily& Optimizers() {
  static const auto* const family =
      new KernelFamily(RegisterOptimizerOps, RegisterOptimizerCpu);
  return *family;
}

VariableState Holding(Tensor value) {
  return {.value = std::move(value), .initialized = true};
}

// Hyper-parameters go through float32 (R7.37).
Tensor Hyper(float value) { return Tensor::Scalar<double>(value); }

// The steps of E7.3: w = 1, g = 0.5 at each.
struct Walk {
  VariableState w = Holding(Tensor::Of<double>({1}));
  VariableState a = Holding(Tensor::Of<double>({0}));
  VariableState b = Holding(Tensor::Of<double>({0}));
  Tensor g = Tensor::Of<double>({0.5});

  double value() const { return w.value.flat<double>()[0]; }
};

constexpr double kDigits = 6e-10;  // E7.3 has nine

TEST(OptimizerTest, GradientDescent) {
  for (const char* op :
       {"ApplyGradientDescent", "ResourceApplyGradientDescent"}) {
    Walk walk;
    for (double expected : {0.949999999, 0.899999999}) {
      ASSERT_THAT(Optimizers().Run(op, {&walk.w, Hyper(0.1f), walk.g}), IsOk());
      EXPECT_NEAR(walk.value(), expected, kDigits) << op;
    }
    EXPECT_EQ(walk.w.version, 2);
  }
}

TEST(OptimizerTest, Momentum) {
  const struct {
    bool nesterov;
    double after[2];
  } cases[] = {{false, {0.949999999, 0.854999999}},
               {true, {0.905000000, 0.769500001}}};
  for (const char* op : {"ApplyMomentum", "ResourceApplyMomentum"}) {
    for (const auto& test : cases) {
      Walk walk;
      for (double expected : test.after) {
        ASSERT_THAT(
            Optimizers().Run(
                op, {&walk.w, &walk.a, Hyper(0.1f), walk.g, Hyper(0.9f)},
                {.attrs = {{"use_nesterov", test.nesterov}}}),
            IsOk());
        EXPECT_NEAR(walk.value(), expected, 2 * kDigits) << op;
      }
      EXPECT_EQ(walk.a.version, 2);
    }
  }
}

TEST(OptimizerTest, Adam) {
  for (const char* op : {"ApplyAdam", "ResourceApplyAdam"}) {
    Walk walk;
    float power1 = 0.9f, power2 = 0.999f;
    for (double expected : {0.999000001, 0.998000004}) {
      ASSERT_THAT(
          Optimizers().Run(op, {&walk.w, &walk.a, &walk.b, Hyper(power1),
                                Hyper(power2), Hyper(0.001f), Hyper(0.9f),
                                Hyper(0.999f), Hyper(1e-8f), walk.g}),
          IsOk());
      EXPECT_NEAR(walk.value(), expected, kDigits) << op;
      power1 *= 0.9f;
      power2 *= 0.999f;
    }
  }
}

TEST(OptimizerTest, NesterovAdamLooksAhead) {
  Walk walk;
  ASSERT_THAT(Optimizers().Run(
                  "ApplyAdam",
                  {&walk.w, &walk.a, &walk.b, Hyper(0.5f), Hyper(0.75f),
                   Hyper(0.5f), Hyper(0.5f), Hyper(0.75f), Hyper(0), walk.g},
                  {.attrs = {{"use_nesterov", true}}}),
              IsOk());
  // alpha = 0.5 * sqrt(0.25) / 0.5 = 0.5; m = 0.25, v = 0.0625.
  EXPECT_DOUBLE_EQ(walk.value(), 1 - 0.5 * (0.5 * 0.5 + 0.5 * 0.25) / 0.25);
}

TEST(OptimizerTest, ThreadsDoNotChangeTheBits) {
  Tensor grad(kFloat32, {50'001});
  for (int i = 0; i < 50'001; ++i) grad.flat<float>()[i] = std::sin(0.1f * i);
  Tensor results[2];
  for (int k = 0; k < 2; ++k) {
    VariableState w = Holding(grad.Clone()), m = Holding(grad.Clone()),
                  v = Holding(Tensor(kFloat32, {50'001}));
    for (float& x : v.value.flat<float>()) x = 1;
    const auto hyper = [](float x) { return Tensor::Scalar<float>(x); };
    ASSERT_THAT(
        Optimizers().Run("ApplyAdam",
                         {&w, &m, &v, hyper(0.9f), hyper(0.99f), hyper(0.01f),
                          hyper(0.9f), hyper(0.99f), hyper(1e-8f), grad},
                         {.threads = 3 * k}),
        IsOk());
    results[k] = w.value;
  }
  EXPECT_TRUE(results[0].SameAs(results[1]));
}

TEST(OptimizerTest, ShapesMustAgree) {
  Walk walk;
  EXPECT_THAT(Optimizers().Run("ApplyGradientDescent",
                               {&walk.w, Hyper(1), Tensor::Of<double>({1, 2})}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("[1]")));
}

}  // namespace
}  // namespace trellis::testing
