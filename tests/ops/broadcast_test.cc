#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/tensor.h"
#include "trellis/tests/op_testing.h"
#include "trellis/tests/status_matchers.h"

namespace trellis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

Tensor Ints(std::initializer_list<int32_t> values) {
  return Tensor::Of<int32_t>(values);
}

TEST(BroadcastGradientArgsTest, AxesOfKnownShapesAreKnown) {
  EXPECT_THAT(
      InferShapes("BroadcastGradientArgs", {Ints({2, 1}), Ints({4, 2, 3})}),
      IsOkAndHolds(ElementsAre("[2]", "[0]")));
  EXPECT_THAT(
      InferValue("BroadcastGradientArgs", {Ints({2, 1}), Ints({4, 2, 3})}),
      IsOkAndHolds("[0,2]"));
  EXPECT_THAT(InferValue("BroadcastGradientArgs", {Ints({2, 3}), Ints({2, 3})}),
              IsOkAndHolds("[]"));
}

TEST(BroadcastGradientArgsTest, UnknownShapesGiveVectors) {
  EXPECT_THAT(InferShapes("BroadcastGradientArgs", {"[2]", "[3]"}),
              IsOkAndHolds(ElementsAre("[?]", "[?]")));
  EXPECT_THAT(InferShapes("BroadcastGradientArgs", {Known("[?,3]"), "[1]"}),
              IsOkAndHolds(ElementsAre("[?]", "[?]")));
  EXPECT_THAT(InferShapes("BroadcastGradientArgs", {"[2,2]", "[3]"}),
              StatusIs(kInvalid));
}

TEST(BroadcastGradientArgsTest, ShapesMustBroadcast) {
  EXPECT_THAT(InferShapes("BroadcastGradientArgs", {Ints({2}), Ints({3})}),
              StatusIs(kInvalid, HasSubstr("axis 0 is 2 and 3")));
}

}  // namespace
}  // namespace trellis::testing
