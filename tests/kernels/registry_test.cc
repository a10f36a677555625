// Kernels held against the ops they are for, and ops against their kernels.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/op_schema.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/tests/conformance/cases.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

const AttrSchema* MainType(const OpSchema& op) {
  const auto found =
      std::find_if(op.attrs.begin(), op.attrs.end(),
                   [](const AttrSchema& attr) { return attr.kind == "type"; });
  return found == op.attrs.end() ? nullptr : &*found;
}

bool Allows(const AttrSchema& attr, DType dtype) {
  return attr.allowed_types.empty() || attr.allowed_types.contains(dtype);
}

void ExpectIndices(const std::vector<int>& indices, size_t limit) {
  EXPECT_EQ(std::set<int>(indices.begin(), indices.end()).size(),
            indices.size());
  for (const int index : indices) {
    EXPECT_GE(index, 0);
    EXPECT_LT(index, static_cast<int>(limit));
  }
}

TEST(KernelRegistryTest, EveryKernelFitsItsOp) {
  for (const KernelEntry* kernel : Builtin().kernels.entries()) {
    SCOPED_TRACE(absl::StrCat(kernel->op, " on ", kernel->device_type, " for ",
                              DTypeName(kernel->dtype)));
    const OpSchema* op = Builtin().ops.Find(kernel->op);
    ASSERT_NE(op, nullptr);
    const AttrSchema* main = MainType(*op);
    if (kernel->dtype != kInvalid) {
      ASSERT_NE(main, nullptr);
      EXPECT_TRUE(Allows(*main, kernel->dtype));
    }
    for (const auto& [name, dtype] : kernel->options.types) {
      const AttrSchema* attr = op->FindAttr(name);
      ASSERT_NE(attr, nullptr) << name;
      EXPECT_EQ(attr->kind, "type") << name;
      EXPECT_TRUE(Allows(*attr, dtype)) << name;
    }
    ExpectIndices(kernel->options.value_inputs, op->inputs.size());
    ExpectIndices(kernel->options.host_inputs, op->inputs.size());
    ExpectIndices(kernel->options.host_outputs, op->outputs.size());
    EXPECT_NE(kernel->make(), nullptr);
  }
}

// A type for which two kernels match equally well would be computed by
// whichever was added first.
TEST(KernelRegistryTest, NoTwoKernelsAreForTheSame) {
  std::set<std::string> seen;
  for (const KernelEntry* kernel : Builtin().kernels.entries()) {
    std::string key = absl::StrCat(kernel->op, " ", kernel->device_type, " ",
                                   DTypeName(kernel->dtype));
    auto types = kernel->options.types;
    std::sort(types.begin(), types.end());
    for (const auto& [name, dtype] : types) {
      absl::StrAppend(&key, " ", name, "=", DTypeName(dtype));
    }
    EXPECT_TRUE(seen.insert(key).second) << key;
  }
}

// Does a plan ever make a step of it?
bool MakesSteps(const OpSchema& op) {
  return !op.variable && !op.constant && !op.must_be_fed && op.view_of < 0;
}

// May the op be about floating-point numbers?
bool TakesFloats(const OpSchema& op) {
  const AttrSchema* main = MainType(op);
  return main == nullptr || Allows(*main, kFloat32);
}

TEST(KernelRegistryTest, EveryOpHasAKernel) {
  // NoOp makes no step: the order of a plan is all it does.
  const std::set<std::string> without = {"NoOp"};
  std::set<std::string> missing;
  for (const OpSchema* op : Builtin().ops.schemas()) {
    if (!MakesSteps(*op)) continue;
    const auto kernels = Builtin().kernels.EntriesOf(op->name);
    const bool found = std::any_of(
        kernels.begin(), kernels.end(), [op](const KernelEntry* kernel) {
          return kernel->device_type == kCpu &&
                 (kernel->dtype == kInvalid || kernel->dtype == kFloat32 ||
                  !TakesFloats(*op));
        });
    if (!found) missing.insert(op->name);
  }
  EXPECT_EQ(missing, without);
}

TEST(KernelRegistryTest, EveryOpWithAFloatKernelHasAConformanceCase) {
  // No numbers that a reference could compute from the inputs: bits of a
  // generator, files, names, an error.
  const std::set<std::string> uncovered = {
      "Assert",          "MergeV2Checkpoints", "RandomStandardNormal",
      "RandomUniform",   "RestoreV2",          "SaveV2",
      "ShardedFilename", "StringJoin",         "TruncatedNormal"};
  std::set<std::string> covered;
  for (const testing::OpCase& op_case : testing::AllCases()) {
    covered.insert(op_case.op);
  }
  std::set<std::string> missing;
  for (const KernelEntry* kernel : Builtin().kernels.entries()) {
    const bool floats = kernel->dtype == kFloat32 ||
                        (kernel->dtype == kInvalid &&
                         TakesFloats(*Builtin().ops.Find(kernel->op)));
    if (floats && covered.count(kernel->op) == 0) missing.insert(kernel->op);
  }
  EXPECT_EQ(missing, uncovered);
}

}  // namespace
}  // namespace trellis
