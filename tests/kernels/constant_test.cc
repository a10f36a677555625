
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/ops/families.h"
#include "trellis/tests/kernels/kernel_family.h"
#include "trellis/tests/status_matchers.h"

namespace trellis::testing {
namespace {

using ::testing::ElementsAre;

const KernelFamily& Constants() {
  static const auto* const family =
      new KernelFamily(RegisterConstantOps, RegisterConstantCpu);
  return *family;
}

TEST(ConstantKernelTest, Fills) {
  EXPECT_THAT(
      Constants().Run("Fill", {Ints({2, 1}), Tensor::Scalar<double>(1.5)}),
      IsOkAndHolds(ElementsAre("float64[2,1]: 1.5 1.5")));
  EXPECT_THAT(
      Constants().Run("Fill", {Tensor(kInt32, {0}), Tensor::Scalar("x")}),
      IsOkAndHolds(ElementsAre(R"(string[]: "x")")));
  EXPECT_THAT(Constants().Run("ZerosLike", {Ints({4, 5})}),
              IsOkAndHolds(ElementsAre("int32[2]: 0 0")));
  EXPECT_THAT(Constants().Run("OnesLike", {Tensor::Of<float>({4, 5})}),
              IsOkAndHolds(ElementsAre("float32[2]: 1 1")));
}

TEST(ConstantKernelTest, RangesOfIntegersAndFractions) {
  EXPECT_THAT(Constants().Run("Range", {Tensor::Scalar<int32_t>(7),
                                        Tensor::Scalar<int32_t>(0),
                                        Tensor::Scalar<int32_t>(-3)}),
              IsOkAndHolds(ElementsAre("int32[3]: 7 4 1")));
  EXPECT_THAT(Constants().Run(
                  "Range", {Tensor::Scalar<float>(0), Tensor::Scalar<float>(1),
                            Tensor::Scalar<float>(0.25f)}),
              IsOkAndHolds(ElementsAre("float32[4]: 0 0.25 0.5 0.75")));
}

}  // namespace
}  // namespace trellis::testing
