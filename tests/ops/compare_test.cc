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

TEST(CompareTest, ShapesBroadcast) {
  for (const char* op : {"Equal", "Greater", "GreaterEqual", "Less",
                         "LessEqual", "LogicalAnd", "LogicalOr", "NotEqual"}) {
    SCOPED_TRACE(op);
    EXPECT_THAT(InferShapes(op, {"[2,1]", "[3]"}),
                IsOkAndHolds(ElementsAre("[2,3]")));
    EXPECT_THAT(InferShapes(op, {"[2]", "[3]"}), StatusIs(kInvalid));
  }
}

TEST(CompareTest, IncompatibleShapesCanBeMerelyUnequal) {
  const AttrMap lenient = {{"incompatible_shape_error", false}};
  EXPECT_THAT(InferShapes("Equal", {"[2]", "[3]"}, lenient),
              IsOkAndHolds(ElementsAre("[]")));
  EXPECT_THAT(InferShapes("Equal", {"[2]", "[2]"}, lenient),
              IsOkAndHolds(ElementsAre("[2]")));
  // May become [] or [2].
  EXPECT_THAT(InferShapes("NotEqual", {"[2]", "[?]"}, lenient),
              IsOkAndHolds(ElementsAre("?")));
}

}  // namespace
}  // namespace trellis::testing
