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

const AttrMap kChannelsFirst = {{"data_format", "NCHW"}};

TEST(BiasTest, BiasHasOneElementPerChannel) {
  EXPECT_THAT(InferShapes("BiasAdd", {"[2,?,3]", "[3]"}),
              IsOkAndHolds(ElementsAre("[2,?,3]")));
  EXPECT_THAT(InferShapes("BiasAdd", {"[2,?]", "[3]"}),
              IsOkAndHolds(ElementsAre("[2,3]")));
  EXPECT_THAT(InferShapes("BiasAdd", {"[2,3,5,5]", "[3]"}, kChannelsFirst),
              IsOkAndHolds(ElementsAre("[2,3,5,5]")));
  EXPECT_THAT(InferShapes("BiasAdd", {"?", "[3]"}),
              IsOkAndHolds(ElementsAre("?")));
  EXPECT_THAT(InferShapes("BiasAdd", {"[2,4]", "[3]"}),
              StatusIs(kInvalid, HasSubstr("length of bias is 3, must be 4")));
}

TEST(BiasTest, RanksAreChecked) {
  EXPECT_THAT(InferShapes("BiasAdd", {"[3]", "[3]"}), StatusIs(kInvalid));
  EXPECT_THAT(InferShapes("BiasAdd", {"[2,3]", "[1,3]"}), StatusIs(kInvalid));
  EXPECT_THAT(InferShapes("BiasAdd", {"[2,3]", "[3]"}, kChannelsFirst),
              StatusIs(kInvalid));
  EXPECT_THAT(InferShapes("BiasAddGrad", {"[3]"}), StatusIs(kInvalid));
}

TEST(BiasTest, GradientIsAVectorOfChannels) {
  EXPECT_THAT(InferShapes("BiasAddGrad", {"[2,5,3]"}),
              IsOkAndHolds(ElementsAre("[3]")));
  EXPECT_THAT(InferShapes("BiasAddGrad", {"[2,3,5,5]"}, kChannelsFirst),
              IsOkAndHolds(ElementsAre("[3]")));
  EXPECT_THAT(InferShapes("BiasAddGrad", {"?"}),
              IsOkAndHolds(ElementsAre("[?]")));
}

TEST(BiasTest, DataFormatIsOneOfTwo) {
  EXPECT_THAT(
      InferShapes("BiasAdd", {"[2,3]", "[3]"}, {{"data_format", "NHCW"}}),
      StatusIs(kInvalid, HasSubstr("data_format")));
}

}  // namespace
}  // namespace trellis::testing
