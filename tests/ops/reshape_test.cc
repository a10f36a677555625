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

TEST(ReshapeTest, WildcardIsWhatIsLeft) {
  EXPECT_THAT(InferShapes("Reshape", {"[2,3,4]", Ints({6, -1})}),
              IsOkAndHolds(ElementsAre("[6,4]")));
  EXPECT_THAT(InferShapes("Reshape", {"[?,4]", Ints({-1, 2})}),
              IsOkAndHolds(ElementsAre("[?,2]")));
  EXPECT_THAT(InferShapes("Reshape", {"[0,3]", Ints({-1, 3})}),
              IsOkAndHolds(ElementsAre("[0,3]")));
  EXPECT_THAT(InferShapes("Reshape", {"[6]", Known("[?,3]")}),
              IsOkAndHolds(ElementsAre("[2,3]")));
  EXPECT_THAT(InferShapes("Reshape", {"[6]", "[2]"}),
              IsOkAndHolds(ElementsAre("[?,?]")));
}

TEST(ReshapeTest, NumbersOfElementsMustAgree) {
  EXPECT_THAT(InferShapes("Reshape", {"[2,3]", Ints({7})}),
              StatusIs(kInvalid, HasSubstr("[2,3] cannot become [7]")));
  EXPECT_THAT(InferShapes("Reshape", {"[2,3]", Ints({4, -1})}),
              StatusIs(kInvalid));
  EXPECT_THAT(InferShapes("Reshape", {"[?,3]", Ints({7})}), StatusIs(kInvalid));
  EXPECT_THAT(InferShapes("Reshape", {"[6]", Ints({-1, -1})}),
              StatusIs(kInvalid, HasSubstr("only one")));
  EXPECT_THAT(InferShapes("Reshape", {"[0]", Ints({0, -1})}),
              StatusIs(kInvalid));
  EXPECT_THAT(InferShapes("Reshape", {"[6]", Ints({-2})}), StatusIs(kInvalid));
}

TEST(ReshapeTest, SmallValuesKeepTheirElements) {
  EXPECT_THAT(InferValue("Reshape", {Known("[2,?]"), Ints({-1})}),
              IsOkAndHolds("[2,?]"));
  EXPECT_THAT(InferValue("ExpandDims", {Int(3), Int(0)}), IsOkAndHolds("[3]"));
  EXPECT_THAT(InferValue("Squeeze", {Ints({3})}), IsOkAndHolds("3"));
}

TEST(ReshapeTest, ExpandDimsCountsFromBothEnds) {
  EXPECT_THAT(InferShapes("ExpandDims", {"[2,3]", Int(1)}),
              IsOkAndHolds(ElementsAre("[2,1,3]")));
  EXPECT_THAT(InferShapes("ExpandDims", {"[2,3]", Int(-1)}),
              IsOkAndHolds(ElementsAre("[2,3,1]")));
  EXPECT_THAT(InferShapes("ExpandDims", {"[2,3]", "[]"}),
              IsOkAndHolds(ElementsAre("[?,?,?]")));
  EXPECT_THAT(InferShapes("ExpandDims", {"[2,3]", Int(3)}), StatusIs(kInvalid));
}

TEST(ReshapeTest, SqueezeDropsOnes) {
  EXPECT_THAT(InferShapes("Squeeze", {"[1,2,1]"}),
              IsOkAndHolds(ElementsAre("[2]")));
  EXPECT_THAT(InferShapes("Squeeze", {"[1,?]"}),
              IsOkAndHolds(ElementsAre("?")));
  const AttrMap last = {{"squeeze_dims", std::vector<int64_t>{-1}}};
  EXPECT_THAT(InferShapes("Squeeze", {"[1,?]"}, last),
              IsOkAndHolds(ElementsAre("[1]")));
  EXPECT_THAT(InferShapes("Squeeze", {"[1,2]"}, last),
              StatusIs(kInvalid, HasSubstr("must be 1")));
}

}  // namespace
}  // namespace trellis::testing
