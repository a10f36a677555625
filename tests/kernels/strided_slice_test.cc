
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
      new KernelFamily(RegisterStridedSliceOps, RegisterStridedSliceCpu);
  return *family;
}

TEST(StridedSliceKernelTest, StepsForwardsAndBackwards) {
  const Tensor x = Counting<int32_t>({5});
  EXPECT_THAT(
      Slices().Run("StridedSlice", {x, Ints({1}), Ints({5}), Ints({2})}),
      IsOkAndHolds(ElementsAre("int32[2]: 1 3")));
  EXPECT_THAT(
      Slices().Run("StridedSlice", {x, Ints({-1}), Ints({-6}), Ints({-2})}),
      IsOkAndHolds(ElementsAre("int32[3]: 4 2 0")));
}

// x[1, ..., new, ::-1] of [2, 2, 3]
TEST(StridedSliceKernelTest, MasksAddAndDropDimensions) {
  const Tensor x = Counting<int32_t>({2, 2, 3});
  EXPECT_THAT(Slices().Run("StridedSlice",
                           {x, Ints({1, 0, 0, 0}), Ints({2, 0, 0, 0}),
                            Ints({1, 1, 1, -1})},
                           {.attrs = {{"shrink_axis_mask", 1},
                                      {"ellipsis_mask", 2},
                                      {"new_axis_mask", 4},
                                      {"begin_mask", 8},
                                      {"end_mask", 8}}}),
              IsOkAndHolds(ElementsAre("int32[2,1,3]: 8 7 6 11 10 9")));
}

TEST(StridedSliceKernelTest, GradientPutsTheSliceBack) {
  EXPECT_THAT(
      Slices().Run("StridedSliceGrad", {Ints({5}), Ints({-1}), Ints({-6}),
                                        Ints({-2}), Ints({7, 8, 9})}),
      IsOkAndHolds(ElementsAre("int32[5]: 9 0 8 0 7")));
}

}  // namespace
}  // namespace trellis::testing
