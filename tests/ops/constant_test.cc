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
Tensor Int(int32_t value) { return Tensor::Scalar<int32_t>(value); }

TEST(ConstantTest, ConstHasTheShapeOfItsValue) {
  EXPECT_THAT(
      InferShapes("Const", {}, {{"value", Ints({1, 2})}, {"dtype", kInt32}}),
      IsOkAndHolds(ElementsAre("[2]")));
  EXPECT_THAT(
      InferShapes("Const", {}, {{"value", Ints({1, 2})}, {"dtype", kInt64}}),
      StatusIs(kInvalid, HasSubstr("int32")));
}

TEST(ConstantTest, FillTakesSizes) {
  EXPECT_THAT(InferShapes("Fill", {Ints({2, 3}), "[]"}),
              IsOkAndHolds(ElementsAre("[2,3]")));
  EXPECT_THAT(InferShapes("Fill", {Known("[2,?]"), "[]"}),
              IsOkAndHolds(ElementsAre("[2,?]")));
  EXPECT_THAT(InferShapes("Fill", {Ints({-1}), "[]"}),
              StatusIs(kInvalid, HasSubstr("-1")));
  EXPECT_THAT(InferShapes("Fill", {Ints({2}), "[1]"}), StatusIs(kInvalid));
  EXPECT_THAT(InferValue("Fill", {Ints({2}), Int(7)}), IsOkAndHolds("[7,7]"));
}

TEST(ConstantTest, RangeCountsItsElements) {
  EXPECT_THAT(InferShapes("Range", {Int(0), Int(7), Int(3)}),
              IsOkAndHolds(ElementsAre("[3]")));
  EXPECT_THAT(InferShapes("Range", {Int(7), Int(0), Int(-3)}),
              IsOkAndHolds(ElementsAre("[3]")));
  EXPECT_THAT(InferShapes("Range", {Tensor::Scalar(0.0f), Tensor::Scalar(1.0f),
                                    Tensor::Scalar(0.3f)}),
              IsOkAndHolds(ElementsAre("[4]")));
  EXPECT_THAT(InferShapes("Range", {"[]", Int(7), Int(1)}),
              IsOkAndHolds(ElementsAre("[?]")));
  EXPECT_THAT(InferShapes("Range", {Int(0), Int(7), Int(0)}),
              StatusIs(kInvalid));
  EXPECT_THAT(InferShapes("Range", {Int(7), Int(0), Int(1)}),
              StatusIs(kInvalid));
  EXPECT_THAT(InferValue("Range", {Int(1), Int(6), Int(2)}),
              IsOkAndHolds("[1,3,5]"));
}

}  // namespace
}  // namespace trellis::testing
