// trellis ckpt on checkpoints that TensorFlow wrote, and on damaged ones.
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/io/tensor_bundle_writer.h"
#include "trellis/io/whole_file.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/tests/tools/run_trellis.h"
#include "trellis/tools/trellis/tensor_stats.h"

namespace trellis {
namespace {

using testing::FreshDir;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::Json;
using testing::ProgramResult;
using testing::RunTrellis;
using testing::TrellisJson;

constexpr char kAdam[] = "tests/golden/training/ref_float32_adam/model.ckpt-0";
constexpr char kMomentum[] =
    "tests/golden/training/ref_float32_momentum/model.ckpt-0";

Json Find(const Json& tensors, const std::string& name) {
  for (const Json& tensor : tensors.array()) {
    if (tensor["name"].string() == name) return tensor;
  }
  return Json();
}

TEST(TensorStatsTest, OfNumbers) {
  const TensorStats stats = StatsOf(Tensor::Of<float>({1, -2, 3, 6}));
  EXPECT_EQ(stats.min, -2);
  EXPECT_EQ(stats.max, 6);
  EXPECT_EQ(stats.mean, 2);
  EXPECT_DOUBLE_EQ(stats.std, std::sqrt((1 + 16 + 1 + 16) / 4.0));
  EXPECT_DOUBLE_EQ(stats.l2, std::sqrt(50.0));
  EXPECT_EQ(stats.not_finite, 0);
  // zlib.crc32(numpy.array([1, -2, 3, 6], 'float32').tobytes())
  EXPECT_EQ(Crc32Text(stats.crc32), "1d8b5b1e");
}

TEST(TensorStatsTest, OfWhatIsNoNumber) {
  const TensorStats empty = StatsOf(Tensor(kFloat32, {0}));
  EXPECT_TRUE(std::isnan(empty.min));
  EXPECT_EQ(empty.crc32, 0u);
  // zlib.crc32(b'abcd')
  Tensor text(kString, {2});
  text.flat<std::string>()[0] = "ab";
  text.flat<std::string>()[1] = "cd";
  EXPECT_EQ(Crc32Text(StatsOf(text).crc32), "ed82cd11");
}

TEST(TensorStatsTest, NaNsAreSeen) {
  const TensorStats stats = StatsOf(Tensor::Of<double>({1, std::nan(""), 3}));
  EXPECT_TRUE(std::isnan(stats.min));
  EXPECT_TRUE(std::isnan(stats.max));
  EXPECT_TRUE(std::isnan(stats.mean));
  EXPECT_EQ(stats.not_finite, 1);
}

TEST(CkptTest, ListsWithoutReading) {
  const Json json = TrellisJson({"ckpt", kAdam});
  EXPECT_EQ(json["kind"].string(), "checkpoint");
  const Json kernel = Find(json["tensors"], "fc1/dense/kernel");
  EXPECT_EQ(kernel["dtype"].string(), "float32");
  EXPECT_EQ(kernel["shape"][0].number(), 20);
  EXPECT_EQ(kernel["shape"][1].number(), 16);
  EXPECT_TRUE(kernel["min"].is_null());
  EXPECT_EQ(Find(json["tensors"], "global_step")["dtype"].string(), "int64");
}

TEST(CkptTest, StatsOfTensors) {
  const Json json =
      TrellisJson({"ckpt", kAdam, "--stats", "--name=moving_variance"});
  ASSERT_EQ(json["tensors"].array().size(), 2);
  const Json variance = Find(json["tensors"], "fc1/batch_norm/moving_variance");
  EXPECT_EQ(variance["min"].number(), 1);
  EXPECT_EQ(variance["max"].number(), 1);
  EXPECT_EQ(variance["std"].number(), 0);
  EXPECT_EQ(variance["l2"].number(), 4);
  EXPECT_FALSE(variance["crc32"].is_null());
}

TEST(CkptTest, PrintsValues) {
  const Json json = TrellisJson({"ckpt", kAdam, "--values", "beta1_power",
                                 "--values", "fc2/batch_norm/gamma"});
  EXPECT_NEAR(json["tensors"][0]["values"].number(), 0.9, 1e-7);
  EXPECT_EQ(json["tensors"][1]["values"].array().size(), 8);
  const ProgramResult result =
      RunTrellis({"ckpt", kAdam, "--values", "beta1_powr"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("did you mean beta1_power"));
}

TEST(CkptTest, AnyLimitIsALimit) {
  for (const char* limit : {"4294967296", "9223372036854775807"}) {
    EXPECT_EQ(RunTrellis({"ckpt", kAdam, "--values", "fc2/batch_norm/gamma",
                          "--limit", limit})
                  .out,
              "fc2/batch_norm/gamma float32[8]: 1 1 1 1 1 1 1 1\n");
    EXPECT_THAT(
        RunTrellis({"show", absl::StrCat(kAdam, ".meta"),
                    "fc2/batch_norm/gamma/Initializer/ones", "--limit", limit})
            .out,
        HasSubstr("  value float32[8]: 1 1 1 1 1 1 1 1\n"));
  }
  EXPECT_THAT(RunTrellis({"ckpt", kAdam, "--values", "beta1_power",
                          "--limit=9223372036854775808"})
                  .err,
              HasSubstr("--limit"));
}

TEST(CkptTest, OneQuestionAtATime) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{kMomentum, "--verify"}, "--verify does not go with two checkpoints"},
      {{kMomentum, "--graph=x"}, "--graph does not go with two checkpoints"},
      {{kMomentum, "--values=x"}, "--values does not go with two checkpoints"},
      {{kMomentum, "--stats"}, "--stats does not go with two checkpoints"},
      {{"--graph=x", "--verify"}, "--verify does not go with --graph"},
      {{"--graph=x", "--values=x"}, "--values does not go with --graph"},
      {{"--verify", "--values=x"}, "--values does not go with --verify"},
      {{"--verify", "--name=x"}, "--name does not go with --verify"},
      {{"--values=x", "--stats"}, "--stats does not go with --values"},
      {{"--tolerance=1"}, "--tolerance does not go with a list of tensors"},
      {{"--limit=1"}, "--limit does not go with a list of tensors"}};
  for (const auto& [flags, message] : cases) {
    std::vector<std::string> args = {"ckpt", kAdam};
    args.insert(args.end(), flags.begin(), flags.end());
    const ProgramResult result = RunTrellis(args);
    EXPECT_EQ(result.status, 2) << message;
    EXPECT_EQ(result.out, "") << message;
    EXPECT_THAT(result.err, HasSubstr(message));
  }
}

TEST(CkptTest, VerifyReadsEveryByte) {
  EXPECT_TRUE(TrellisJson({"ckpt", kAdam, "--verify"})["ok"].boolean());

  FileSystem& files = PosixFileSystem::Get();
  const std::string dir = FreshDir("damaged");
  ASSERT_THAT(files.CreateDirs(dir), IsOk());
  for (const char* part : {".index", ".data-00000-of-00001"}) {
    auto bytes = ReadWholeFile(files, std::string(kAdam) + part);
    ASSERT_THAT(bytes, IsOk());
    if (part[1] == 'd') bytes->back() ^= 1;
    ASSERT_THAT(WriteFileAtomically(files, dir + "/m" + part, *bytes), IsOk());
  }
  const Json json = TrellisJson({"ckpt", dir + "/m", "--verify"}, 1);
  EXPECT_FALSE(json["ok"].boolean());
  ASSERT_EQ(json["damaged"].array().size(), 1);
  EXPECT_NE(json["damaged"][0]["error"].string(), "");
  // What is whole can still be listed.
  EXPECT_EQ(RunTrellis({"ckpt", dir + "/m"}).status, 0);
}

TEST(CkptTest, DiffFindsWhatDiffers) {
  EXPECT_EQ(RunTrellis({"ckpt", kAdam, kAdam}).status, 0);
  const Json json = TrellisJson({"ckpt", kAdam, kMomentum}, 1);
  EXPECT_FALSE(json["same"].boolean());
  EXPECT_EQ(json["only_first"][0].string(), "beta1_power");
  EXPECT_EQ(json["only_second"].array().size(), 8);
}

TEST(CkptTest, ToleranceIsRelativeToTheLargestValue) {
  FileSystem& files = PosixFileSystem::Get();
  const std::string dir = FreshDir("tolerance");
  ASSERT_THAT(files.CreateDirs(dir), IsOk());
  const auto write = [&](const std::string& name, float value) {
    auto writer = TensorBundleWriter::Create(files, dir + "/" + name);
    ASSERT_THAT(writer, IsOk());
    ASSERT_THAT((*writer)->Add("w", Tensor::Of<float>({100, value})), IsOk());
    ASSERT_THAT((*writer)->Finish(), IsOk());
  };
  write("a", 1);
  write("b", 1.001f);
  const Json json = TrellisJson({"ckpt", dir + "/a", dir + "/b"}, 1);
  EXPECT_NEAR(json["different"][0]["max_difference"].number(), 1e-3, 1e-6);
  EXPECT_NEAR(json["different"][0]["relative_difference"].number(), 1e-5, 1e-8);
  EXPECT_EQ(
      RunTrellis({"ckpt", dir + "/a", dir + "/b", "--tolerance=1e-4"}).status,
      0);
  EXPECT_EQ(
      RunTrellis({"ckpt", dir + "/a", dir + "/b", "--tolerance=1e-6"}).status,
      1);
  EXPECT_EQ(
      RunTrellis({"ckpt", dir + "/a", dir + "/b", "--tolerance=-1"}).status, 2);
}

TEST(CkptTest, MatchesAgainstAGraph) {
  const std::string meta = std::string(kAdam) + ".meta";
  EXPECT_TRUE(
      TrellisJson({"ckpt", kAdam, "--graph", meta})["complete"].boolean());
  const Json json = TrellisJson({"ckpt", kMomentum, "--graph", meta}, 1);
  EXPECT_EQ(json["missing"].array().size(), 2 * 8 + 2);
  EXPECT_EQ(json["unused"].array().size(), 8);
}

}  // namespace
}  // namespace trellis
