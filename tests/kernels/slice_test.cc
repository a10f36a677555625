
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/ops/families.h"
#include "trellis/tests/kernels/kernel_family.h"
#include "trellis/tests/status_matchers.h"

namespace trellis::testing {
namespace {

using ::testing::ElementsAre;

const KernelFamily& Slices() {
  static const auto* const family =
      new KernelFamily(RegisterSliceOps, RegisterSliceCpu);
  return *family;
}

TEST(SliceKernelTest, TakesABlock) {
  const Tensor x = Counting<int32_t>({3, 4});
  EXPECT_THAT(Slices().Run("Slice", {x, Ints({1, 1}), Ints({2, -1})}),
              IsOkAndHolds(ElementsAre("int32[2,3]: 5 6 7 9 10 11")));
  EXPECT_THAT(Slices().Run("Slice", {x, Ints({3, 0}), Ints({0, 4})}),
              IsOkAndHolds(ElementsAre("int32[0,4]:")));
}

TEST(SliceKernelTest, ScalarsHaveNothingToSlice) {
  EXPECT_THAT(Slices().Run("Slice", {Tensor::Scalar<int32_t>(7),
                                     Tensor(kInt32, {0}), Tensor(kInt32, {0})}),
              IsOkAndHolds(ElementsAre("int32[]: 7")));
}

TEST(SliceKernelTest, PadPutsZerosAround) {
  const Tensor paddings = Tensor::FromSpan<int32_t>({1, 0, 0, 2}, {2, 2});
  EXPECT_THAT(Slices().Run("Pad", {Counting<int32_t>({1, 2}), paddings}),
              IsOkAndHolds(ElementsAre("int32[2,4]: 0 0 0 0 0 1 0 0")));
}

TEST(SliceKernelTest, ThreadsShareALargeCopy) {
  const Tensor x = Counting<float>({300, 301});
  Tensor results[2];
  for (int k = 0; k < 2; ++k) {
    auto y = Slices().RunTensors("Slice", {x, Ints({1, 2}), Ints({299, 298})},
                                 {.threads = 3 * k});
    ASSERT_THAT(y, IsOk());
    results[k] = (*y)[0];
  }
  EXPECT_TRUE(results[0].SameAs(results[1]));
  for (int i = 0; i < 299; ++i) {
    for (int j = 0; j < 298; ++j) {
      ASSERT_EQ(results[0].flat<float>()[i * 298 + j], (i + 1) * 301 + j + 2);
    }
  }
}

}  // namespace
}  // namespace trellis::testing
