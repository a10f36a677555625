
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/ops/families.h"
#include "trellis/tests/kernels/kernel_family.h"
#include "trellis/tests/status_matchers.h"

namespace trellis::testing {
namespace {

using ::testing::ElementsAre;

const KernelFamily& Masks() {
  static const auto* const family =
      new KernelFamily(RegisterWhereOps, RegisterWhereCpu);
  return *family;
}

TEST(WhereKernelTest, PositionsInRowMajorOrder) {
  const Tensor x =
      Tensor::FromSpan<bool>({true, false, false, true, true, false}, {2, 3});
  EXPECT_THAT(Masks().Run("Where", {x}),
              IsOkAndHolds(ElementsAre("int64[3,2]: 0 0 1 0 1 1")));
  EXPECT_THAT(Masks().Run("Where", {Tensor::Of<float>({0, 0})}),
              IsOkAndHolds(ElementsAre("int64[0,1]:")));
}

TEST(WhereKernelTest, OneHotAlongTheLastAndTheFirstAxis) {
  const auto run = [](int axis) {
    return Masks().Run("OneHot",
                       {Ints({1, 5, 0}), Tensor::Scalar<int32_t>(2),
                        Tensor::Scalar<int32_t>(9), Tensor::Scalar<int32_t>(4)},
                       {.attrs = {{"axis", axis}}});
  };
  EXPECT_THAT(run(-1), IsOkAndHolds(ElementsAre("int32[3,2]: 4 9 4 4 9 4")));
  EXPECT_THAT(run(0), IsOkAndHolds(ElementsAre("int32[2,3]: 4 4 9 9 4 4")));
}

}  // namespace
}  // namespace trellis::testing
