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

TEST(UnaryTest, ShapeIsThatOfTheInput) {
  for (const char* op :
       {"Abs", "Exp", "Floor", "Inv", "Log", "LogicalNot", "Neg", "Reciprocal",
        "Relu", "Rsqrt", "Sigmoid", "Sign", "Sqrt", "Square", "Tanh"}) {
    SCOPED_TRACE(op);
    EXPECT_THAT(InferShapes(op, {"[2,?]"}), IsOkAndHolds(ElementsAre("[2,?]")));
    EXPECT_THAT(InferShapes(op, {"?"}), IsOkAndHolds(ElementsAre("?")));
    EXPECT_THAT(InferShapes(op, {"[]"}), IsOkAndHolds(ElementsAre("[]")));
  }
}

TEST(UnaryTest, OperandsOfAGradientHaveOneShape) {
  for (const char* op : {"InvGrad", "ReciprocalGrad", "ReluGrad", "RsqrtGrad",
                         "SigmoidGrad", "SqrtGrad", "TanhGrad"}) {
    SCOPED_TRACE(op);
    EXPECT_THAT(InferShapes(op, {"[2,?]", "[?,3]"}),
                IsOkAndHolds(ElementsAre("[2,3]")));
    EXPECT_THAT(InferShapes(op, {"[2,3]", "[3]"}), StatusIs(kInvalid));
    EXPECT_THAT(InferShapes(op, {"[2,3]", "[2,1]"}), StatusIs(kInvalid));
  }
}

TEST(UnaryTest, TypesAreTensorFlows) {
  EXPECT_THAT(InferShapes("Exp", {"[2]"}, {{"T", kInt32}}),
              StatusIs(kInvalid, HasSubstr("int32")));
  EXPECT_THAT(InferShapes("Neg", {"[2]"}, {{"T", kInt32}}), IsOk());
  EXPECT_THAT(InferShapes("Neg", {"[2]"}, {{"T", kBool}}), StatusIs(kInvalid));
}

TEST(UnaryTest, NegOfKnownElementsIsKnown) {
  EXPECT_THAT(InferValue("Neg", {Known("[2,?,7]")}), IsOkAndHolds("[-2,?,-7]"));
  EXPECT_THAT(InferValue("Neg", {"[2]"}), IsOkAndHolds(""));
}

}  // namespace
}  // namespace trellis::testing
