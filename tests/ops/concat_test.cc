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

TEST(ConcatTest, AddsUpAlongTheAxis) {
  EXPECT_THAT(InferShapes("ConcatV2", {"[2,3]", "[?,4]", Int(1)}),
              IsOkAndHolds(ElementsAre("[2,7]")));
  EXPECT_THAT(InferShapes("ConcatV2", {"[2,3]", "[2,?]", Int(-1)}),
              IsOkAndHolds(ElementsAre("[2,?]")));
  EXPECT_THAT(InferShapes("ConcatV2", {"[2,3]", "?", "[]"}),
              IsOkAndHolds(ElementsAre("[?,?]")));
  EXPECT_THAT(InferShapes("ConcatV2", {"[2,3]", "[3,3]", Int(1)}),
              StatusIs(kInvalid));
  EXPECT_THAT(InferShapes("ConcatV2", {"[2,3]", "[2]", Int(0)}),
              StatusIs(kInvalid, HasSubstr("rank 2")));
  EXPECT_THAT(InferShapes("ConcatV2", {"[]", "[]", Int(0)}),
              StatusIs(kInvalid, HasSubstr("scalars")));
}

TEST(ConcatTest, JoinsWhatIsKnownOfVectors) {
  EXPECT_THAT(InferValue("ConcatV2", {Known("[2,?]"), Ints({3}), Int(0)}),
              IsOkAndHolds("[2,?,3]"));
}

TEST(ConcatTest, PackAddsAnAxis) {
  EXPECT_THAT(InferShapes("Pack", {"[2,?]", "[?,3]"}, {{"axis", -1}}),
              IsOkAndHolds(ElementsAre("[2,3,2]")));
  EXPECT_THAT(InferShapes("Pack", {"[2]", "[3]"}), StatusIs(kInvalid));
  EXPECT_THAT(InferValue("Pack", {Int(2), "[]"}), IsOkAndHolds("[2,?]"));
}

TEST(ConcatTest, UnpackAndSplitTakeApart) {
  EXPECT_THAT(InferShapes("Unpack", {"[2,3]"}, {{"num", 2}}),
              IsOkAndHolds(ElementsAre("[3]", "[3]")));
  EXPECT_THAT(InferShapes("Unpack", {"[2,3]"}, {{"num", 3}}),
              StatusIs(kInvalid, HasSubstr("is 2, must be 3")));
  EXPECT_THAT(InferShapes("Split", {Int(1), "[2,6]"}, {{"num_split", 2}}),
              IsOkAndHolds(ElementsAre("[2,3]", "[2,3]")));
  EXPECT_THAT(InferShapes("Split", {Int(1), "[2,5]"}, {{"num_split", 2}}),
              StatusIs(kInvalid, HasSubstr("equal parts")));
  EXPECT_THAT(
      InferShapes("SplitV", {"[5]", Ints({2, -1}), Int(0)}, {{"num_split", 2}}),
      IsOkAndHolds(ElementsAre("[2]", "[3]")));
  EXPECT_THAT(
      InferShapes("SplitV", {"[5]", Ints({2, 2}), Int(0)}, {{"num_split", 2}}),
      StatusIs(kInvalid, HasSubstr("add up to 4")));
}

}  // namespace
}  // namespace trellis::testing
