#include <string>
#include <utility>
#include <vector>

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

const KernelFamily& Saver() {
  static const auto* const family =
      new KernelFamily(RegisterSaveRestoreOps, RegisterSaveRestoreCpu);
  return *family;
}

class SaveRestoreTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) {
    return ::testing::TempDir() + "/save_restore_test/" + name;
  }
  Tensor Text(const std::string& text) { return Tensor::Scalar(text); }
};

TEST_F(SaveRestoreTest, RestoresWhatItSaved) {
  const Tensor names = Tensor::Of<std::string>({"w", "step"});
  const Tensor whole = Tensor::Of<std::string>({"", ""});
  ASSERT_THAT(
      Saver().Run(
          "SaveV2",
          {Text(Path("whole")), names, whole,
           Tensor::FromSpan<float>({1, 2, 3, 4}, {2, 2}),
           Tensor::Scalar<int64_t>(7)},
          {.attrs = {{"dtypes", std::vector<DType>{kFloat32, kInt64}}}}),
      IsOk());
  EXPECT_THAT(
      Saver().Run(
          "RestoreV2", {Text(Path("whole")), names, whole},
          {.attrs = {{"dtypes", std::vector<DType>{kFloat32, kInt64}}}}),
      IsOkAndHolds(ElementsAre("float32[2,2]: 1 2 3 4", "int64[]: 7")));
}

TEST_F(SaveRestoreTest, SlicesArePartsOfOneTensor) {
  const AttrMap two = {{"dtypes", std::vector<DType>{kFloat32, kFloat32}}};
  ASSERT_THAT(
      Saver().Run("SaveV2",
                  {Text(Path("slices")), Tensor::Of<std::string>({"w", "w"}),
                   Tensor::Of<std::string>({"3 1 0,2:-", "3 1 2,1:-"}),
                   Tensor::FromSpan<float>({1, 2}, {2, 1}),
                   Tensor::FromSpan<float>({3}, {1, 1})},
                  {.attrs = two}),
      IsOk());
  EXPECT_THAT(
      Saver().Run("RestoreV2",
                  {Text(Path("slices")), Tensor::Of<std::string>({"w", "w"}),
                   Tensor::Of<std::string>({"", "3 1 1,2:-"})},
                  {.attrs = two}),
      IsOkAndHolds(ElementsAre("float32[3,1]: 1 2 3", "float32[2,1]: 2 3")));
}

TEST_F(SaveRestoreTest, ErrorsNameTheTensor) {
  const auto restore = [&](const char* name, DType dtype) {
    return Saver().Run("RestoreV2",
                       {Text(Path("errors")), Tensor::Of<std::string>({name}),
                        Tensor::Of<std::string>({""})},
                       {.attrs = {{"dtypes", std::vector<DType>{dtype}}}});
  };
  ASSERT_THAT(
      Saver().Run("SaveV2",
                  {Text(Path("errors")), Tensor::Of<std::string>({"w"}),
                   Tensor::Of<std::string>({""}), Tensor::Scalar<float>(1)},
                  {.attrs = {{"dtypes", std::vector<DType>{kFloat32}}}}),
      IsOk());
  EXPECT_THAT(restore("v", kFloat32),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("v")));
  EXPECT_THAT(restore("w", kInt64),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("is float32, not int64")));
}

TEST_F(SaveRestoreTest, ShardsMergeIntoOneCheckpoint) {
  const AttrMap one = {{"dtypes", std::vector<DType>{kFloat32}}};
  const AttrMap two = {{"dtypes", std::vector<DType>{kFloat32, kFloat32}}};
  std::vector<std::string> parts;
  for (int shard = 0; shard < 2; ++shard) {
    const auto part =
        Saver().RunTensors("ShardedFilename", {Text(Path("temp/part")),
                                               Tensor::Scalar<int32_t>(shard),
                                               Tensor::Scalar<int32_t>(2)});
    ASSERT_THAT(part, IsOk());
    parts.push_back((*part)[0].scalar<std::string>());
    ASSERT_THAT(Saver().Run("SaveV2",
                            {Text(parts.back()),
                             Tensor::Of<std::string>({shard == 0 ? "a" : "b"}),
                             Tensor::Of<std::string>({""}),
                             Tensor::Scalar<float>(shard)},
                            {.attrs = one}),
                IsOk());
  }
  EXPECT_EQ(parts[1], Path("temp/part-00001-of-00002"));
  ASSERT_THAT(Saver().Run("MergeV2Checkpoints",
                          {Tensor::Of<std::string>({parts[0], parts[1]}),
                           Text(Path("merged"))}),
              IsOk());
  EXPECT_THAT(
      Saver().Run("RestoreV2",
                  {Text(Path("merged")), Tensor::Of<std::string>({"a", "b"}),
                   Tensor::Of<std::string>({"", ""})},
                  {.attrs = two}),
      IsOkAndHolds(ElementsAre("float32[]: 0", "float32[]: 1")));
}

TEST_F(SaveRestoreTest, ShardsAreNumberedFromZero) {
  for (const auto& [shard, num_shards] :
       {std::pair(7, 3), std::pair(3, 3), std::pair(-1, 3), std::pair(0, 0),
        std::pair(0, -1)}) {
    EXPECT_THAT(
        Saver().Run("ShardedFilename",
                    {Text("part"), Tensor::Scalar<int32_t>(shard),
                     Tensor::Scalar<int32_t>(num_shards)}),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 HasSubstr(absl::StrCat("shard ", shard, " of ", num_shards))));
  }
}

}  // namespace
}  // namespace trellis::testing
