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

TEST(AddNTest, ShapesMerge) {
  EXPECT_THAT(InferShapes("AddN", {"[2,?]", "[?,3]", "?"}),
              IsOkAndHolds(ElementsAre("[2,3]")));
  EXPECT_THAT(InferShapes("AddN", {"[4]"}), IsOkAndHolds(ElementsAre("[4]")));
  EXPECT_THAT(InferShapes("AddN", {"[2]", "[1]"}), StatusIs(kInvalid));
  EXPECT_THAT(InferShapes("AddN", {}, {{"T", kFloat32}}),
              StatusIs(kInvalid, HasSubstr("at least 1")));
}

}  // namespace
}  // namespace trellis::testing
