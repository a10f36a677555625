#include "trellis/kernels/variable.h"

#include "absl/strings/str_cat.h"
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

const KernelFamily& Variables() {
  static const auto* const family = new KernelFamily(
      [](OpRegistry& ops) {
        RegisterVariableOps(ops);
        RegisterResourceVariableOps(ops);
      },
      RegisterVariableCpu);
  return *family;
}

VariableState Uninitialized(DType dtype, const Shape& shape) {
  return {.value = Tensor(dtype, shape)};
}
VariableState Holding(Tensor value) {
  return {.value = std::move(value), .initialized = true};
}

TEST(VariableKernelTest, AssignCopiesInPlace) {
  for (const char* op : {"Assign", "AssignVariableOp"}) {
    VariableState v = Uninitialized(kFloat32, {3});
    const void* memory = v.value.data();
    ASSERT_THAT(Variables().Run(op, {&v, Tensor::Of<float>({1, 2, 3})}),
                IsOk());
    EXPECT_EQ(v.value.ToString(), "float32[3]: 1 2 3") << op;
    EXPECT_EQ(v.value.data(), memory);
    EXPECT_TRUE(v.initialized);
    EXPECT_EQ(v.version, 1);
  }
}

TEST(VariableKernelTest, AssignReplacesAValueOfAnotherShape) {
  VariableState v = Holding(Tensor::Of<float>({1, 2, 3}));
  ASSERT_THAT(Variables().Run("Assign", {&v, Tensor::Of<float>({4, 5})},
                              {.attrs = {{"validate_shape", false}}}),
              IsOk());
  EXPECT_EQ(v.value.ToString(), "float32[2]: 4 5");
}

TEST(VariableKernelTest, AssignTakesStrings) {
  VariableState v = Uninitialized(kString, {2});
  ASSERT_THAT(
      Variables().Run("Assign", {&v, Tensor::Of<std::string>({"a", "b"})}),
      IsOk());
  EXPECT_THAT(v.value.flat<std::string>(), ElementsAre("a", "b"));
}

TEST(VariableKernelTest, UpdatesAddAndSubtract) {
  for (const char* suffix : {"", "VariableOp"}) {
    VariableState v = Holding(Tensor::Of<int64_t>({5, 7}));
    const Tensor x = Tensor::Of<int64_t>({1, 2});
    ASSERT_THAT(Variables().Run(absl::StrCat("AssignAdd", suffix), {&v, x}),
                IsOk());
    EXPECT_THAT(v.value.flat<int64_t>(), ElementsAre(6, 9));
    ASSERT_THAT(Variables().Run(absl::StrCat("AssignSub", suffix), {&v, x}),
                IsOk());
    EXPECT_THAT(v.value.flat<int64_t>(), ElementsAre(5, 7));
    EXPECT_EQ(v.version, 2);
  }
}

TEST(VariableKernelTest, InitializationCanBeAskedFor) {
  for (const char* op : {"IsVariableInitialized", "VarIsInitializedOp"}) {
    VariableState empty = Uninitialized(kFloat32, {3});
    VariableState full = Holding(Tensor::Of<float>({1}));
    EXPECT_THAT(Variables().Run(op, {&empty}),
                IsOkAndHolds(ElementsAre(HasSubstr("bool[]: false"))));
    EXPECT_THAT(Variables().Run(op, {&full}),
                IsOkAndHolds(ElementsAre(HasSubstr("bool[]: true"))));
  }
}

TEST(VariableKernelTest, ShapeOfAVariable) {
  VariableState v = Holding(Tensor(kFloat32, {3, 1}));
  EXPECT_THAT(Variables().Run("VariableShape", {&v}),
              IsOkAndHolds(ElementsAre("int32[2]: 3 1")));
}

}  // namespace
}  // namespace trellis::testing
