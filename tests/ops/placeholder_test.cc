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

TEST(PlaceholderTest, DefaultMustBeAllowed) {
  const AttrMap attrs = {{"shape", Shape{-1, 3}}};
  EXPECT_THAT(InferShapes("PlaceholderWithDefault", {"[2,3]"}, attrs),
              IsOkAndHolds(ElementsAre("[?,3]")));
  EXPECT_THAT(InferShapes("PlaceholderWithDefault", {"[2,4]"}, attrs),
              StatusIs(kInvalid));
  EXPECT_THAT(InferShapes("Placeholder", {}, {{"dtype", kFloat32}}),
              IsOkAndHolds(ElementsAre("?")));
  EXPECT_THAT(InferShapes("Placeholder", {},
                          {{"dtype", kFloat32}, {"shape", Shape::Scalar()}}),
              IsOkAndHolds(ElementsAre("[]")));
}

}  // namespace
}  // namespace trellis::testing
