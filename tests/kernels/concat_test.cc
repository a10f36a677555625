
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/kernels/cpu/families.h"
#include "trellis/ops/families.h"
#include "trellis/tests/kernels/kernel_family.h"
#include "trellis/tests/status_matchers.h"

namespace trellis::testing {
namespace {

using ::testing::ElementsAre;

const KernelFamily& Concat() {
  static const auto* const family =
      new KernelFamily(RegisterConcatOps, RegisterConcatCpu);
  return *family;
}

TEST(ConcatKernelTest, JoinsAlongAnyAxis) {
  const Tensor a = Counting<int32_t>({2, 1, 2});
  const Tensor b = Counting<int32_t>({2, 2, 2});
  EXPECT_THAT(
      Concat().Run("ConcatV2", {a, b, Tensor::Scalar<int32_t>(1)}),
      IsOkAndHolds(ElementsAre("int32[2,3,2]: 0 1 0 1 2 3 2 3 4 5 6 7")));
  EXPECT_THAT(
      Concat().Run("ConcatV2", {b, a, Tensor::Scalar<int32_t>(-2)}),
      IsOkAndHolds(ElementsAre("int32[2,3,2]: 0 1 2 3 0 1 4 5 6 7 2 3")));
}

TEST(ConcatKernelTest, EmptyPartsAddNothing) {
  EXPECT_THAT(Concat().Run("ConcatV2", {Tensor(kInt32, {0}), Ints({3, 4}),
                                        Tensor::Scalar<int32_t>(0)}),
              IsOkAndHolds(ElementsAre("int32[2]: 3 4")));
}

TEST(ConcatKernelTest, JoinsStrings) {
  EXPECT_THAT(Concat().Run("ConcatV2", {Tensor::Of<std::string>({"a"}),
                                        Tensor::Of<std::string>({"b", "c"}),
                                        Tensor::Scalar<int32_t>(0)}),
              IsOkAndHolds(ElementsAre(R"(string[3]: "a" "b" "c")")));
}

TEST(ConcatKernelTest, PackAndUnpackAreInverse) {
  const Tensor a = Ints({1, 2, 3}), b = Ints({4, 5, 6});
  EXPECT_THAT(Concat().Run("Pack", {a, b}),
              IsOkAndHolds(ElementsAre("int32[2,3]: 1 2 3 4 5 6")));
  const auto columns =
      Concat().RunTensors("Pack", {a, b}, {.attrs = {{"axis", 1}}});
  ASSERT_THAT(columns, IsOk());
  EXPECT_EQ((*columns)[0].ToString(), "int32[3,2]: 1 4 2 5 3 6");
  EXPECT_THAT(Concat().Run("Unpack", {(*columns)[0]},
                           {.attrs = {{"num", 2}, {"axis", 1}}}),
              IsOkAndHolds(ElementsAre("int32[3]: 1 2 3", "int32[3]: 4 5 6")));
}

TEST(ConcatKernelTest, SplitsEquallyAndBySizes) {
  const Tensor x = Counting<int32_t>({2, 4});
  EXPECT_THAT(
      Concat().Run("Split", {Tensor::Scalar<int32_t>(1), x},
                   {.attrs = {{"num_split", 2}}}),
      IsOkAndHolds(ElementsAre("int32[2,2]: 0 1 4 5", "int32[2,2]: 2 3 6 7")));
  EXPECT_THAT(
      Concat().Run("SplitV", {x, Ints({1, -1}), Tensor::Scalar<int32_t>(1)},
                   {.attrs = {{"num_split", 2}}}),
      IsOkAndHolds(ElementsAre("int32[2,1]: 0 4", "int32[2,3]: 1 2 3 5 6 7")));
}

TEST(ConcatKernelTest, OffsetsAreWherePartsBegin) {
  EXPECT_THAT(
      Concat().Run("ConcatOffset", {Tensor::Scalar<int32_t>(-1), Ints({2, 3}),
                                    Ints({2, 5}), Ints({2, 1})}),
      IsOkAndHolds(
          ElementsAre("int32[2]: 0 0", "int32[2]: 0 3", "int32[2]: 0 8")));
  EXPECT_THAT(Concat().Run("ConcatOffset", {Tensor::Scalar<int32_t>(1),
                                            Ints({2, 3}), Ints({3, 5})}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace trellis::testing
