
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/ops/families.h"
#include "trellis/tests/kernels/kernel_family.h"
#include "trellis/tests/status_matchers.h"

namespace trellis::testing {
namespace {

using ::testing::ElementsAre;

const KernelFamily& Tiles() {
  static const auto* const family =
      new KernelFamily(RegisterTileOps, RegisterTileCpu);
  return *family;
}

TEST(TileKernelTest, RepeatsEachDimension) {
  EXPECT_THAT(Tiles().Run("Tile", {Counting<int32_t>({2, 2}), Ints({2, 3})}),
              IsOkAndHolds(ElementsAre("int32[4,6]: 0 1 0 1 0 1 2 3 2 3 2 3 "
                                       "0 1 0 1 0 1 2 3 2 3 2 3")));
  EXPECT_THAT(Tiles().Run("Tile", {Tensor(kInt32, {2, 0}), Ints({2, 3})}),
              IsOkAndHolds(ElementsAre("int32[4,0]:")));
  EXPECT_THAT(Tiles().Run("Tile", {Ints({1, 2}), Ints({0})}),
              IsOkAndHolds(ElementsAre("int32[0]:")));
}

TEST(TileKernelTest, BroadcastsLeadingAndUnitDimensions) {
  const Tensor x = Tensor::FromSpan<int32_t>({1, 2}, {2, 1});
  EXPECT_THAT(
      Tiles().Run("BroadcastTo", {x, Ints({2, 2, 3})}),
      IsOkAndHolds(ElementsAre("int32[2,2,3]: 1 1 1 2 2 2 1 1 1 2 2 2")));
  EXPECT_THAT(
      Tiles().Run("BroadcastTo", {Tensor::Scalar<int32_t>(4), Ints({3})}),
      IsOkAndHolds(ElementsAre("int32[3]: 4 4 4")));
}

}  // namespace
}  // namespace trellis::testing
