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

TEST(SelectTest, ConditionIsOfTheShapeAScalarOrAVectorOfRows) {
  EXPECT_THAT(InferShapes("Select", {"[?,3]", "[2,?]", "?"}),
              IsOkAndHolds(ElementsAre("[2,3]")));
  EXPECT_THAT(InferShapes("Select", {"[]", "[2,?]", "[?,3]"}),
              IsOkAndHolds(ElementsAre("[2,3]")));
  EXPECT_THAT(InferShapes("Select", {"[2]", "[?,3]", "?"}),
              IsOkAndHolds(ElementsAre("[2,3]")));
  EXPECT_THAT(InferShapes("Select", {"?", "[2]", "[2]"}),
              IsOkAndHolds(ElementsAre("[2]")));
}

TEST(SelectTest, OtherConditionsAreErrors) {
  EXPECT_THAT(InferShapes("Select", {"[3]", "[2,3]", "[2,3]"}),
              StatusIs(kInvalid, HasSubstr("is 3, must be 2")));
  EXPECT_THAT(InferShapes("Select", {"[2,1]", "[2,3]", "[2,3]"}),
              StatusIs(kInvalid));
  EXPECT_THAT(InferShapes("Select", {"[2]", "[]", "[]"}), StatusIs(kInvalid));
  EXPECT_THAT(InferShapes("Select", {"[]", "[2]", "[3]"}), StatusIs(kInvalid));
}

}  // namespace
}  // namespace trellis::testing
