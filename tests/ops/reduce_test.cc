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

const AttrMap kKeep = {{"keep_dims", true}};

Tensor Axes(std::initializer_list<int32_t> axes) {
  return Tensor::Of<int32_t>(axes);
}

TEST(ReduceTest, AxesGoOrBecomeOne) {
  for (const char* op : {"All", "Any", "Max", "Mean", "Min", "Prod", "Sum"}) {
    SCOPED_TRACE(op);
    EXPECT_THAT(InferShapes(op, {"[2,?,4]", Axes({0, -1})}),
                IsOkAndHolds(ElementsAre("[?]")));
    EXPECT_THAT(InferShapes(op, {"[2,?,4]", Axes({0, -1})}, kKeep),
                IsOkAndHolds(ElementsAre("[1,?,1]")));
    EXPECT_THAT(InferShapes(op, {"[2,3]", Tensor::Scalar(int64_t{1})}),
                IsOkAndHolds(ElementsAre("[2]")));
    EXPECT_THAT(InferShapes(op, {"[2,3]", Axes({})}),
                IsOkAndHolds(ElementsAre("[2,3]")));
  }
}

TEST(ReduceTest, UnknownAxesLeaveWhatFollows) {
  EXPECT_THAT(InferShapes("Sum", {"[2,3]", "[1]"}),
              IsOkAndHolds(ElementsAre("?")));
  EXPECT_THAT(InferShapes("Sum", {"[2,3]", "[1]"}, kKeep),
              IsOkAndHolds(ElementsAre("[?,?]")));
  EXPECT_THAT(InferShapes("Sum", {"?", Axes({0})}),
              IsOkAndHolds(ElementsAre("?")));
}

TEST(ReduceTest, AxesAreChecked) {
  EXPECT_THAT(InferShapes("Sum", {"[2,3]", Axes({2})}),
              StatusIs(kInvalid, HasSubstr("axis 2 is not in [-2, 2)")));
  EXPECT_THAT(InferShapes("Sum", {"[2,3]", Axes({1, -1})}),
              StatusIs(kInvalid, HasSubstr("axis 1 is reduced twice")));
  EXPECT_THAT(InferShapes("Sum", {"[2,3]", "[1,1]"}), StatusIs(kInvalid));
}

TEST(ReduceTest, TheSizeOfAShapeIsKnown) {
  const Tensor shape = Axes({2, 3, 4});
  EXPECT_THAT(InferValue("Prod", {shape, Axes({0})}), IsOkAndHolds("24"));
  EXPECT_THAT(InferValue("Prod", {shape, Axes({0})}, kKeep),
              IsOkAndHolds("[24]"));
  EXPECT_THAT(InferValue("Sum", {shape, Axes({-1})}), IsOkAndHolds("9"));
  EXPECT_THAT(InferValue("Prod", {Axes({1 << 20, 1 << 20}), Axes({0})}),
              IsOkAndHolds("?"));
  EXPECT_THAT(InferValue("Prod", {Known("[2,?]"), Axes({0})}),
              IsOkAndHolds(""));
}

TEST(ReduceTest, ArgMaxRemovesItsAxis) {
  for (const char* op : {"ArgMax", "ArgMin"}) {
    SCOPED_TRACE(op);
    EXPECT_THAT(InferShapes(op, {"[2,3,4]", Tensor::Scalar(int32_t{-2})}),
                IsOkAndHolds(ElementsAre("[2,4]")));
    EXPECT_THAT(InferShapes(op, {"[2,3,4]", "[]"}),
                IsOkAndHolds(ElementsAre("[?,?]")));
    EXPECT_THAT(InferShapes(op, {"[2,3]", Tensor::Scalar(int32_t{2})}),
                StatusIs(kInvalid));
    EXPECT_THAT(InferShapes(op, {"[2,0]", Tensor::Scalar(int32_t{1})}),
                StatusIs(kInvalid, HasSubstr("no elements")));
    EXPECT_THAT(InferShapes(op, {"[2,3]", Axes({0})}), StatusIs(kInvalid));
  }
}

TEST(ReduceTest, L2LossIsAScalar) {
  EXPECT_THAT(InferShapes("L2Loss", {"[2,3]"}),
              IsOkAndHolds(ElementsAre("[]")));
}

}  // namespace
}  // namespace trellis::testing
