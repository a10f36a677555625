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

TEST(ShapeTest, SaysWhatIsKnown) {
  EXPECT_THAT(InferShapes("Shape", {"[2,?]"}),
              IsOkAndHolds(ElementsAre("[2]")));
  EXPECT_THAT(InferShapes("Shape", {"?"}), IsOkAndHolds(ElementsAre("[?]")));
  EXPECT_THAT(InferValue("Shape", {"[2,?]"}), IsOkAndHolds("[2,?]"));
  EXPECT_THAT(InferShapes("ShapeN", {"[2,?]", "[]"}),
              IsOkAndHolds(ElementsAre("[2]", "[0]")));
  EXPECT_THAT(InferValue("Size", {"[2,3]"}), IsOkAndHolds("6"));
  EXPECT_THAT(InferValue("Rank", {"[2,?]"}), IsOkAndHolds("2"));
}

TEST(ShapeTest, SizesMustFitTheirType) {
  EXPECT_THAT(InferShapes("Shape", {"[3000000000]"}),
              StatusIs(kInvalid, HasSubstr("int32")));
  EXPECT_THAT(InferShapes("Shape", {"[3000000000]"}, {{"out_type", kInt64}}),
              IsOkAndHolds(ElementsAre("[1]")));
}

}  // namespace
}  // namespace trellis::testing
