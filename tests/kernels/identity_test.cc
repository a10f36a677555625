#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/ops/families.h"
#include "trellis/tests/kernels/kernel_family.h"
#include "trellis/tests/status_matchers.h"

namespace trellis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const KernelFamily& Small() {
  static const auto* const family = new KernelFamily(
      [](OpRegistry& ops) {
        RegisterIdentityOps(ops);
        RegisterReshapeOps(ops);
        RegisterShapeOps(ops);
        RegisterStringOps(ops);
        RegisterControlOps(ops);
      },
      [](KernelRegistry& kernels) {
        RegisterIdentityCpu(kernels);
        RegisterShapeCpu(kernels);
        RegisterStringCpu(kernels);
        RegisterControlCpu(kernels);
      });
  return *family;
}

TEST(IdentityKernelTest, CopiesAnyType) {
  EXPECT_THAT(Small().Run("Identity", {Ints({1, 2})}),
              IsOkAndHolds(ElementsAre("int32[2]: 1 2")));
  EXPECT_THAT(Small().Run("Identity", {Tensor::Scalar("a")}),
              IsOkAndHolds(ElementsAre(R"(string[]: "a")")));
  EXPECT_THAT(Small().Run("Reshape", {Ints({1, 2}), Ints({2, 1})}),
              IsOkAndHolds(ElementsAre("int32[2,1]: 1 2")));
}

TEST(IdentityKernelTest, CopiesSeveral) {
  EXPECT_THAT(Small().Run("IdentityN", {Ints({1, 2}), Tensor::Scalar("a")}),
              IsOkAndHolds(ElementsAre("int32[2]: 1 2", R"(string[]: "a")")));
}

TEST(ShapeKernelTest, WritesWhatThePlanKnows) {
  const Tensor x(kFloat32, {2, 3});
  EXPECT_THAT(Small().Run("Shape", {x}, {.attrs = {{"out_type", kInt64}}}),
              IsOkAndHolds(ElementsAre("int64[2]: 2 3")));
  EXPECT_THAT(Small().Run("ShapeN", {x, Tensor(kFloat32, {4})}),
              IsOkAndHolds(ElementsAre("int32[2]: 2 3", "int32[1]: 4")));
  EXPECT_THAT(Small().Run("Size", {x}),
              IsOkAndHolds(ElementsAre("int32[]: 6")));
  EXPECT_THAT(Small().Run("Rank", {x}),
              IsOkAndHolds(ElementsAre("int32[]: 2")));
}

TEST(StringKernelTest, JoinsScalarsWithVectors) {
  EXPECT_THAT(
      Small().Run("StringJoin",
                  {Tensor::Scalar("a"), Tensor::Of<std::string>({"b", "c"})},
                  {.attrs = {{"separator", "-"}}}),
      IsOkAndHolds(ElementsAre(R"(string[2]: "a-b" "a-c")")));
}

TEST(ControlKernelTest, AssertShowsItsData) {
  EXPECT_THAT(Small().Run("Assert", {Tensor::Scalar(true), Ints({1})}), IsOk());
  EXPECT_THAT(
      Small().Run("Assert", {Tensor::Scalar(false), Tensor::Scalar("x is"),
                             Ints({1, 2, 3, 4})}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("[int32[4]: 1 2 3 ...]")));
}

}  // namespace
}  // namespace trellis::testing
