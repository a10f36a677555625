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

TEST(TransposeTest, DimensionsFollowThePermutation) {
  EXPECT_THAT(InferShapes("Transpose", {"[2,?,4]", Ints({2, 0, 1})}),
              IsOkAndHolds(ElementsAre("[4,2,?]")));
  EXPECT_THAT(InferShapes("Transpose", {"[2,3]", "[2]"}),
              IsOkAndHolds(ElementsAre("[?,?]")));
  EXPECT_THAT(InferShapes("Transpose", {"[2,3]", Ints({0, 0})}),
              StatusIs(kInvalid, HasSubstr("permutation")));
  EXPECT_THAT(InferValue("InvertPermutation", {Ints({2, 0, 1})}),
              IsOkAndHolds("[1,2,0]"));
}

}  // namespace
}  // namespace trellis::testing
