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

TEST(SliceTest, StaysInside) {
  EXPECT_THAT(InferShapes("Slice", {"[5,?]", Ints({1, 2}), Ints({-1, 3})}),
              IsOkAndHolds(ElementsAre("[4,3]")));
  EXPECT_THAT(InferShapes("Slice", {"[5,4]", "[2]", Ints({2, -1})}),
              IsOkAndHolds(ElementsAre("[2,?]")));
  EXPECT_THAT(InferShapes("Slice", {"[5]", Ints({3}), Ints({3})}),
              StatusIs(kInvalid, HasSubstr("[0, 5)")));
  EXPECT_THAT(InferShapes("Slice", {"[5]", Ints({-1}), Ints({3})}),
              StatusIs(kInvalid));
  EXPECT_THAT(InferShapes("Slice", {"[5,5]", Ints({0}), Ints({3})}),
              StatusIs(kInvalid));
  EXPECT_THAT(InferValue("Slice", {Known("[7,?,9]"), Ints({1}), Ints({-1})}),
              IsOkAndHolds("[?,9]"));
}

TEST(SliceTest, PadAddsBothSides) {
  const Tensor paddings = Tensor::FromSpan<int32_t>({1, 0, 2, 3}, {2, 2});
  EXPECT_THAT(InferShapes("Pad", {"[2,?]", paddings}),
              IsOkAndHolds(ElementsAre("[3,?]")));
  EXPECT_THAT(InferShapes("Pad", {"[2]", paddings}), StatusIs(kInvalid));
  EXPECT_THAT(
      InferShapes("Pad", {"[2]", Tensor::FromSpan<int32_t>({-1, 0}, {1, 2})}),
      StatusIs(kInvalid, HasSubstr("negative")));
}

}  // namespace
}  // namespace trellis::testing
