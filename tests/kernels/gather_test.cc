
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

const KernelFamily& Gathers() {
  static const auto* const family =
      new KernelFamily(RegisterGatherOps, RegisterGatherCpu);
  return *family;
}

TEST(GatherKernelTest, TakesRowsAndColumns) {
  const Tensor x = Counting<int32_t>({3, 2});
  EXPECT_THAT(Gathers().Run("Gather", {x, Ints({2, 0, 2})}),
              IsOkAndHolds(ElementsAre("int32[3,2]: 4 5 0 1 4 5")));
  EXPECT_THAT(Gathers().Run("GatherV2",
                            {x, Ints({1, 1, 0}), Tensor::Scalar<int32_t>(-1)}),
              IsOkAndHolds(ElementsAre("int32[3,3]: 1 1 0 3 3 2 5 5 4")));
}

TEST(GatherKernelTest, BatchesRunInParallel) {
  const Tensor x = Counting<int32_t>({2, 3});
  const Tensor indices = Tensor::FromSpan<int32_t>({2, 0, 1, 1}, {2, 2});
  EXPECT_THAT(
      Gathers().Run("GatherV2", {x, indices, Tensor::Scalar<int32_t>(1)},
                    {.attrs = {{"batch_dims", 1}}}),
      IsOkAndHolds(ElementsAre("int32[2,2]: 2 0 4 4")));
}

TEST(GatherKernelTest, NamesTheFirstIndexOutOfRange) {
  EXPECT_THAT(
      Gathers().Run("GatherV2", {Counting<float>({3, 2}), Ints({0, 3, -1}),
                                 Tensor::Scalar<int32_t>(0)}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("indices[1] = 3 is not in [0, 3)")));
}

TEST(GatherKernelTest, SumsSegments) {
  EXPECT_THAT(Gathers().Run("UnsortedSegmentSum",
                            {Counting<int32_t>({4, 2}), Ints({2, 0, 2, -1}),
                             Tensor::Scalar<int32_t>(3)}),
              IsOkAndHolds(ElementsAre("int32[3,2]: 2 3 0 0 4 6")));
  EXPECT_THAT(
      Gathers().Run("UnsortedSegmentSum", {Counting<int32_t>({1, 2}), Ints({3}),
                                           Tensor::Scalar<int32_t>(3)}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("segment_ids[0] = 3")));
}

TEST(GatherKernelTest, StitchesWithAndWithoutKnownIndices) {
  for (bool known : {true, false}) {
    EXPECT_THAT(Gathers().Run("DynamicStitch",
                              {Ints({0, 3}), Ints({1, 0}),
                               Tensor::FromSpan<int32_t>({1, 2, 3, 4}, {2, 2}),
                               Tensor::FromSpan<int32_t>({5, 6, 7, 8}, {2, 2})},
                              {.values_known = known}),
                IsOkAndHolds(ElementsAre("int32[4,2]: 7 8 5 6 0 0 3 4")));
  }
  EXPECT_THAT(Gathers().Run("DynamicStitch", {Ints({-1}), Ints({5})},
                            {.values_known = false}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("-1")));
}

}  // namespace
}  // namespace trellis::testing
