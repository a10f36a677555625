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

TEST(BinaryTest, ShapesBroadcast) {
  for (const char* op :
       {"Add", "AddV2", "Div", "FloorDiv", "FloorMod", "Maximum", "Minimum",
        "Mul", "Pow", "RealDiv", "SquaredDifference", "Sub"}) {
    SCOPED_TRACE(op);
    EXPECT_THAT(InferShapes(op, {"[2,1,4]", "[3,1]"}),
                IsOkAndHolds(ElementsAre("[2,3,4]")));
    EXPECT_THAT(InferShapes(op, {"[?,3]", "[]"}),
                IsOkAndHolds(ElementsAre("[?,3]")));
    EXPECT_THAT(InferShapes(op, {"?", "[3]"}), IsOkAndHolds(ElementsAre("?")));
    EXPECT_THAT(InferShapes(op, {"[2,3]", "[2]"}), StatusIs(kInvalid));
  }
}

Tensor Ints(std::initializer_list<int32_t> values) {
  return Tensor::Of<int32_t>(values);
}

TEST(BinaryTest, ValuesOfShapesAreComputed) {
  EXPECT_THAT(InferValue("Add", {Known("[2,?]"), Ints({1, 1})}),
              IsOkAndHolds("[3,?]"));
  EXPECT_THAT(InferValue("AddV2", {Ints({2, 3}), Tensor::Scalar(int32_t{2})}),
              IsOkAndHolds("[4,5]"));
  EXPECT_THAT(InferValue("Sub", {Tensor::Scalar(int32_t{9}), Ints({2})}),
              IsOkAndHolds("[7]"));
  EXPECT_THAT(InferValue("Mul", {Tensor::Scalar(int32_t{3}),
                                 Tensor::Scalar(int32_t{5})}),
              IsOkAndHolds("15"));
  EXPECT_THAT(InferValue("Maximum", {Known("[1,?,4]"), Ints({2, 2, 2})}),
              IsOkAndHolds("[2,?,4]"));
  EXPECT_THAT(InferValue("Minimum", {Ints({1, 4}), Ints({2, 2})}),
              IsOkAndHolds("[1,2]"));
}

TEST(BinaryTest, DivisionsRoundAsTheirOpsSay) {
  const Tensor x = Ints({7, -7, 7, -7}), y = Ints({2, 2, -2, -2});
  EXPECT_THAT(InferValue("Div", {x, y}), IsOkAndHolds("[3,-3,-3,3]"));
  EXPECT_THAT(InferValue("FloorDiv", {x, y}), IsOkAndHolds("[3,-4,-4,3]"));
  EXPECT_THAT(InferValue("FloorMod", {x, y}), IsOkAndHolds("[1,1,-1,-1]"));
}

TEST(BinaryTest, NothingIsKnownOfWhatHasNoValue) {
  EXPECT_THAT(InferValue("FloorDiv", {Ints({4, 6}), Ints({0, 2})}),
              IsOkAndHolds("[?,3]"));
  // 2^31 does not fit into int32.
  EXPECT_THAT(InferValue("Mul", {Ints({1 << 30}), Ints({2})}),
              IsOkAndHolds("[?]"));
  EXPECT_THAT(InferValue("Add", {"[2]", Ints({2, 2})}), IsOkAndHolds(""));
}

}  // namespace
}  // namespace trellis::testing
