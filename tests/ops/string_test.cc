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

TEST(StringTest, ScalarsJoinWithAnyShape) {
  EXPECT_THAT(InferShapes("StringJoin", {"[]", "[2]", "[]"}),
              IsOkAndHolds(ElementsAre("[2]")));
  EXPECT_THAT(InferShapes("StringJoin", {"[3]", "[2]"}), StatusIs(kInvalid));
}

}  // namespace
}  // namespace trellis::testing
