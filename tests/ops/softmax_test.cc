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

TEST(SoftmaxTest, ShapeIsThatOfTheLogits) {
  for (const char* op : {"LogSoftmax", "Softmax"}) {
    SCOPED_TRACE(op);
    EXPECT_THAT(InferShapes(op, {"[2,?,3]"}),
                IsOkAndHolds(ElementsAre("[2,?,3]")));
    EXPECT_THAT(InferShapes(op, {"[]"}), StatusIs(kInvalid));
  }
}

TEST(SoftmaxTest, CrossEntropyBroadcastsToAMatrix) {
  constexpr char kOp[] = "SoftmaxCrossEntropyWithLogits";
  EXPECT_THAT(InferShapes(kOp, {"[?,3]", "[2,3]"}),
              IsOkAndHolds(ElementsAre("[2]", "[2,3]")));
  EXPECT_THAT(InferShapes(kOp, {"[2,3]", "[1,3]"}),
              IsOkAndHolds(ElementsAre("[2]", "[2,3]")));
  EXPECT_THAT(InferShapes(kOp, {"?", "?"}),
              IsOkAndHolds(ElementsAre("[?]", "[?,?]")));
  EXPECT_THAT(InferShapes(kOp, {"[3]", "[3]"}), StatusIs(kInvalid));
  EXPECT_THAT(InferShapes(kOp, {"[2,3]", "[2,4]"}), StatusIs(kInvalid));
}

TEST(SoftmaxTest, SparseCrossEntropyTakesALabelPerRow) {
  constexpr char kOp[] = "SparseSoftmaxCrossEntropyWithLogits";
  EXPECT_THAT(InferShapes(kOp, {"[?,3]", "[2]"}),
              IsOkAndHolds(ElementsAre("[2]", "[2,3]")));
  EXPECT_THAT(
      InferShapes(kOp, {"[4,3]", "[2]"}),
      StatusIs(kInvalid, HasSubstr("number of labels is 2, must be 4")));
  EXPECT_THAT(InferShapes(kOp, {"[2,3]", "[2,3]"}), StatusIs(kInvalid));
  EXPECT_THAT(InferShapes(kOp, {"[2,0]", "[2]"}),
              StatusIs(kInvalid, HasSubstr("no classes")));
}

}  // namespace
}  // namespace trellis::testing
