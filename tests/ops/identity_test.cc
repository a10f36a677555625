#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/tensor.h"
#include "trellis/tests/op_testing.h"
#include "trellis/tests/status_matchers.h"

namespace trellis::testing {
namespace {

using ::testing::ElementsAre;

TEST(IdentityTest, PassesShapeAndValueOn) {
  for (const char* op : {"Identity", "StopGradient", "PreventGradient"}) {
    EXPECT_THAT(InferShapes(op, {"[2,?]"}), IsOkAndHolds(ElementsAre("[2,?]")));
    EXPECT_THAT(InferValue(op, {Known("[2,?]")}), IsOkAndHolds("[2,?]"));
  }
}

}  // namespace
}  // namespace trellis::testing
