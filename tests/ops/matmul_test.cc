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

TEST(MatMulTest, TransposesChooseTheDimensions) {
  EXPECT_THAT(InferShapes("MatMul", {"[2,3]", "[3,4]"}),
              IsOkAndHolds(ElementsAre("[2,4]")));
  EXPECT_THAT(
      InferShapes("MatMul", {"[3,2]", "[3,4]"}, {{"transpose_a", true}}),
      IsOkAndHolds(ElementsAre("[2,4]")));
  EXPECT_THAT(
      InferShapes("MatMul", {"[2,3]", "[4,3]"}, {{"transpose_b", true}}),
      IsOkAndHolds(ElementsAre("[2,4]")));
  EXPECT_THAT(InferShapes("MatMul", {"[3,2]", "[4,3]"},
                          {{"transpose_a", true}, {"transpose_b", true}}),
              IsOkAndHolds(ElementsAre("[2,4]")));
}

TEST(MatMulTest, UnknownDimensionsStayUnknown) {
  EXPECT_THAT(InferShapes("MatMul", {"[?,3]", "[3,4]"}),
              IsOkAndHolds(ElementsAre("[?,4]")));
  EXPECT_THAT(InferShapes("MatMul", {"?", "?"}),
              IsOkAndHolds(ElementsAre("[?,?]")));
}

TEST(MatMulTest, InnerDimensionsAgree) {
  EXPECT_THAT(
      InferShapes("MatMul", {"[2,3]", "[4,5]"}),
      StatusIs(kInvalid, HasSubstr("inner dimension of b is 4, must be 3")));
}

TEST(MatMulTest, OperandsAreMatrices) {
  EXPECT_THAT(InferShapes("MatMul", {"[3]", "[3,4]"}),
              StatusIs(kInvalid, HasSubstr("rank 2")));
  EXPECT_THAT(InferShapes("MatMul", {"[2,2,3]", "[3,4]"}), StatusIs(kInvalid));
}

}  // namespace
}  // namespace trellis::testing
