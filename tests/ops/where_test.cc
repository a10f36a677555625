#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/tensor.h"
#include "trellis/tests/op_testing.h"
#include "trellis/tests/status_matchers.h"

namespace trellis::testing {
namespace {

using ::testing::ElementsAre;

Tensor Int(int32_t value) { return Tensor::Scalar<int32_t>(value); }

TEST(WhereTest, CountIsNotKnown) {
  EXPECT_THAT(InferShapes("Where", {"[2,3]"}),
              IsOkAndHolds(ElementsAre("[?,2]")));
  EXPECT_THAT(InferShapes("OneHot", {"[2,3]", Int(5), "[]", "[]"}),
              IsOkAndHolds(ElementsAre("[2,3,5]")));
  EXPECT_THAT(
      InferShapes("OneHot", {"[2,3]", Int(5), "[]", "[]"}, {{"axis", 0}}),
      IsOkAndHolds(ElementsAre("[5,2,3]")));
}

}  // namespace
}  // namespace trellis::testing
