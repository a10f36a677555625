#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/tensor.h"
#include "trellis/tests/op_testing.h"
#include "trellis/tests/status_matchers.h"

namespace trellis::testing {
namespace {

using ::testing::ElementsAre;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

Tensor Ints(std::initializer_list<int32_t> values) {
  return Tensor::Of<int32_t>(values);
}
Tensor Int(int32_t value) { return Tensor::Scalar<int32_t>(value); }

TEST(GatherTest, IndicesReplaceTheAxis) {
  EXPECT_THAT(InferShapes("GatherV2", {"[5,7]", "[2,3]", Int(1)}),
              IsOkAndHolds(ElementsAre("[5,2,3]")));
  EXPECT_THAT(InferShapes("GatherV2", {"[4,5,7]", "[4,3]", Int(1)},
                          {{"batch_dims", 1}}),
              IsOkAndHolds(ElementsAre("[4,3,7]")));
  EXPECT_THAT(InferShapes("GatherV2", {"[5,7]", "[2]", "[]"}),
              IsOkAndHolds(ElementsAre("[?,?]")));
  EXPECT_THAT(InferShapes("GatherV2", {"[]", "[2]", Int(0)}),
              StatusIs(kInvalid));
  EXPECT_THAT(InferValue("GatherV2", {Known("[7,?,9]"), Ints({2, 1}), Int(0)}),
              IsOkAndHolds("[9,?]"));
}

TEST(GatherTest, SegmentsReplaceTheIds) {
  EXPECT_THAT(InferShapes("UnsortedSegmentSum", {"[2,3,4]", "[2,3]", Int(9)}),
              IsOkAndHolds(ElementsAre("[9,4]")));
  EXPECT_THAT(InferShapes("UnsortedSegmentSum", {"[2,3]", "[4]", Int(9)}),
              StatusIs(kInvalid));
  EXPECT_THAT(InferShapes("UnsortedSegmentSum", {"[2,3]", "[2]", Int(-1)}),
              StatusIs(kInvalid));
}

TEST(GatherTest, StitchedLengthIsTheLargestIndex) {
  EXPECT_THAT(
      InferShapes("DynamicStitch", {Ints({0, 2}), Int(1), "[2,5]", "[5]"},
                  {{"T", kInt32}}),
      IsOkAndHolds(ElementsAre("[3,5]")));
  EXPECT_THAT(InferShapes("DynamicStitch", {"[2]", Int(1), "[2,5]", "[5]"},
                          {{"T", kInt32}}),
              IsOkAndHolds(ElementsAre("[?,5]")));
  EXPECT_THAT(InferValue("DynamicStitch", {Ints({0, 1, 2}), Ints({1}),
                                           Known("[?,7,8]"), Ints({1})}),
              IsOkAndHolds("[?,1,8]"));
}

}  // namespace
}  // namespace trellis::testing
