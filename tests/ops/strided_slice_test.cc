#include <utility>

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

TEST(StridedSliceTest, ValuesOfShapes) {
  const AttrMap shrink = {{"shrink_axis_mask", 1}};
  EXPECT_THAT(
      InferValue("StridedSlice",
                 {Known("[7,?,9]"), Ints({-1}), Ints({0}), Ints({1})}, shrink),
      IsOkAndHolds("9"));
  EXPECT_THAT(InferValue("StridedSlice",
                         {Known("[7,?,9]"), Ints({1}), Ints({0}), Ints({1})},
                         {{"end_mask", 1}}),
              IsOkAndHolds("[?,9]"));
}

TEST(StridedSliceTest, AsManyElementsAsAMaskHasBits) {
  for (const auto& [n, message] :
       {std::pair(62, "slices 62 dimensions"),
        std::pair(63, "63 dimensions is too long"),
        std::pair(64, "64 dimensions is too long")}) {
    const Tensor zeros(kInt32, {n});
    EXPECT_THAT(InferShapes("StridedSlice", {"[5]", zeros, zeros, zeros}),
                StatusIs(kInvalid, HasSubstr(message)));
  }
}

TEST(StridedSliceTest, ShapesUnderMasks) {
  // x[1, ..., new]
  EXPECT_THAT(InferShapes("StridedSlice",
                          {"[5,?,3]", Ints({1, 0, 0}), Ints({2, 0, 0}),
                           Ints({1, 1, 1})},
                          {{"shrink_axis_mask", 1},
                           {"ellipsis_mask", 2},
                           {"new_axis_mask", 4}}),
              IsOkAndHolds(ElementsAre("[?,3,1]")));
  EXPECT_THAT(
      InferShapes("StridedSlice", {"[5]", Ints({-2}), Ints({9}), Ints({1})}),
      IsOkAndHolds(ElementsAre("[2]")));
  EXPECT_THAT(
      InferShapes("StridedSlice", {"[5]", Ints({0}), Ints({5}), Ints({0})}),
      StatusIs(kInvalid, HasSubstr("stride")));
  EXPECT_THAT(
      InferShapes("StridedSlice", {"[5]", Ints({5}), Ints({6}), Ints({1})},
                  {{"shrink_axis_mask", 1}}),
      StatusIs(kInvalid, HasSubstr("index 5")));
  EXPECT_THAT(InferShapes("StridedSlice",
                          {"[5]", Ints({0, 0}), Ints({1, 1}), Ints({1, 1})}),
              StatusIs(kInvalid, HasSubstr("slices 2 dimensions")));
}

}  // namespace
}  // namespace trellis::testing
