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

TEST(CastTest, ShapeStays) {
  EXPECT_THAT(InferShapes("Cast", {"[2,?]"}, {{"DstT", kInt64}}),
              IsOkAndHolds(ElementsAre("[2,?]")));
  EXPECT_THAT(InferShapes("Cast", {"[2]"}),
              StatusIs(kInvalid, HasSubstr("DstT")));
}

TEST(CastTest, IntegersStayKnownWhereTheyFit) {
  EXPECT_THAT(InferValue("Cast", {Known("[2,?]")}, {{"DstT", kInt64}}),
              IsOkAndHolds("[2,?]"));
  const Tensor large = Tensor::Of<int64_t>({int64_t{1} << 32, 5});
  EXPECT_THAT(InferValue("Cast", {large}, {{"DstT", kInt32}}),
              IsOkAndHolds("[?,5]"));
  EXPECT_THAT(InferValue("Cast", {Known("[2]")}, {{"DstT", kFloat32}}),
              IsOkAndHolds(""));
}

}  // namespace
}  // namespace trellis::testing
