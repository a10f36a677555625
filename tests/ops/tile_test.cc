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

Tensor Ints(std::initializer_list<int32_t> values) {
  return Tensor::Of<int32_t>(values);
}

TEST(TileTest, MultipliesDimensions) {
  EXPECT_THAT(InferShapes("Tile", {"[2,?]", Ints({3, 4})}),
              IsOkAndHolds(ElementsAre("[6,?]")));
  EXPECT_THAT(InferShapes("Tile", {"[2]", Ints({3, 4})}), StatusIs(kInvalid));
  EXPECT_THAT(InferShapes("BroadcastTo", {"[2,1]", Ints({4, 2, 3})}),
              IsOkAndHolds(ElementsAre("[4,2,3]")));
  EXPECT_THAT(InferShapes("BroadcastTo", {"[2]", Ints({3})}),
              StatusIs(kInvalid));
}

}  // namespace
}  // namespace trellis::testing
