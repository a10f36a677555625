
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/ops/families.h"
#include "trellis/tests/kernels/kernel_family.h"
#include "trellis/tests/status_matchers.h"

namespace trellis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const KernelFamily& Transposes() {
  static const auto* const family =
      new KernelFamily(RegisterTransposeOps, RegisterTransposeCpu);
  return *family;
}

TEST(TransposeKernelTest, ReordersDimensions) {
  const Tensor x = Counting<int32_t>({2, 3, 2});
  EXPECT_THAT(
      Transposes().Run("Transpose", {x, Ints({2, 0, 1})}),
      IsOkAndHolds(ElementsAre("int32[2,2,3]: 0 2 4 6 8 10 1 3 5 7 9 11")));
  EXPECT_THAT(
      Transposes().Run("Transpose", {x, Ints({0, 1, 2})}),
      IsOkAndHolds(ElementsAre("int32[2,3,2]: 0 1 2 3 4 5 6 7 8 9 10 11")));
}

TEST(TransposeKernelTest, InvertsPermutations) {
  EXPECT_THAT(Transposes().Run("InvertPermutation", {Ints({2, 0, 1})}),
              IsOkAndHolds(ElementsAre("int32[3]: 1 2 0")));
  EXPECT_THAT(Transposes().Run("InvertPermutation", {Ints({2, 0, 2})},
                               {.values_known = false}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("element 2 is 2")));
}

}  // namespace
}  // namespace trellis::testing
