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

TEST(RandomTest, ShapeIsTheInput) {
  for (const char* op :
       {"RandomUniform", "RandomStandardNormal", "TruncatedNormal"}) {
    EXPECT_THAT(InferShapes(op, {Ints({2, 3})}, {{"dtype", kFloat32}}),
                IsOkAndHolds(ElementsAre("[2,3]")));
    EXPECT_THAT(InferShapes(op, {Ints({-1})}, {{"dtype", kFloat32}}),
                StatusIs(kInvalid));
  }
}

}  // namespace
}  // namespace trellis::testing
