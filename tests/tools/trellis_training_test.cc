// Training graphs that TensorFlow wrote, trained by `trellis run`: the
// variables after ten steps are TensorFlow's.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "trellis/io/npz.h"
#include "trellis/io/open_checkpoint.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/io/whole_file.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/tests/tools/run_trellis.h"

namespace trellis {
namespace {

using testing::FreshDir;
using testing::IsOk;
using testing::ProgramResult;
using testing::RunTrellis;
using testing::TrellisJson;

constexpr int kSteps = 10;

std::string GoldenDir(const std::string& combo) {
  return "tests/golden/training/" + combo;
}

NamedArrays ReadArrays(const std::string& path) {
  const auto bytes = ReadWholeFile(PosixFileSystem::Get(), path);
  EXPECT_THAT(bytes, IsOk());
  if (!bytes.ok()) return {};
  auto arrays = ParseNpz(*bytes);
  EXPECT_THAT(arrays, IsOk());
  return arrays.ok() ? *arrays : NamedArrays();
}

// The largest difference, relative to the largest expected value.
template <typename T>
double RelativeError(const Tensor& actual, const Tensor& expected) {
  double difference = 0, largest = 0;
  for (int64_t i = 0; i < expected.num_elements(); ++i) {
    const double a = actual.flat<T>()[i], e = expected.flat<T>()[i];
    difference = std::max(difference, std::abs(a - e));
    largest = std::max(largest, std::abs(e));
  }
  return difference == 0 ? 0 : difference / largest;
}

void ExpectClose(const Tensor& actual, const Tensor& expected) {
  ASSERT_EQ(actual.dtype(), expected.dtype());
  ASSERT_EQ(actual.shape(), expected.shape());
  switch (expected.dtype()) {
    case kFloat32:
      EXPECT_LE(RelativeError<float>(actual, expected), 1e-5);
      break;
    case kFloat64:
      EXPECT_LE(RelativeError<double>(actual, expected), 1e-12);
      break;
    default:
      EXPECT_TRUE(actual.SameAs(expected));
  }
}

// The members of expected.npz below `prefix` against a checkpoint.
void ExpectVariables(const std::string& checkpoint, const std::string& combo,
                     const std::string& prefix) {
  const auto reader = OpenCheckpoint(PosixFileSystem::Get(), checkpoint);
  ASSERT_THAT(reader, IsOk());
  int compared = 0;
  for (const auto& [member, expected] :
       ReadArrays(GoldenDir(combo) + "/expected.npz")) {
    if (member.compare(0, prefix.size(), prefix) != 0) continue;
    const std::string name = member.substr(prefix.size());
    SCOPED_TRACE(name);
    const auto actual = (*reader)->Read(name);
    ASSERT_THAT(actual, IsOk());
    ExpectClose(*actual, expected);
    ++compared;
  }
  EXPECT_GT(compared, 15);
}

class TrainingTest : public ::testing::TestWithParam<const char*> {
 protected:
  std::string Meta() const {
    return GoldenDir(GetParam()) + "/model.ckpt-0.meta";
  }
  std::string Checkpoint() const {
    return GoldenDir(GetParam()) + "/model.ckpt-0";
  }
  std::string Feeds() const { return GoldenDir(GetParam()) + "/feeds.npz"; }

  // `steps` of training from the golden checkpoint, saved below `name`.
  std::string Train(const std::string& name, int steps,
                    std::vector<std::string> flags = {}) {
    const std::string prefix = FreshDir(name) + "/model.ckpt";
    std::vector<std::string> args = {
        "run",     Meta(),  "--checkpoint", Checkpoint(),
        "--feed",  Feeds(), "--target",     "train",
        "--batch", "16",    "--steps",      std::to_string(steps),
        "--save",  prefix};
    args.insert(args.end(), flags.begin(), flags.end());
    const ProgramResult result = RunTrellis(args);
    EXPECT_EQ(result.status, 0) << result.err;
    return prefix;
  }
};

TEST_P(TrainingTest, OneStepGivesTensorFlowsVariables) {
  ExpectVariables(Train("one", 1), GetParam(), "step1/");
}

TEST_P(TrainingTest, TenStepsGiveTensorFlowsVariables) {
  ExpectVariables(Train("ten", kSteps), GetParam(), "step10/");
}

TEST_P(TrainingTest, PlansAndOptimizationsChangeNoBit) {
  const std::string planned = Train("planned", kSteps);
  const std::string plain =
      Train("plain", kSteps, {"--no-optimize", "--no-plan", "--threads=0"});
  EXPECT_EQ(RunTrellis({"ckpt", planned, plain}).status, 0);
}

TEST_P(TrainingTest, EveryStepsLossIsTensorFlows) {
  const testing::Json json =
      TrellisJson({"run", Meta(), "--checkpoint", Checkpoint(), "--feed",
                   Feeds(), "--target", "train", "--print", "loss", "--print",
                   "accuracy", "--batch=16", "--steps=10"});
  const NamedArrays expected =
      ReadArrays(GoldenDir(GetParam()) + "/expected.npz");
  const Tensor& losses = expected.at("loss");
  ASSERT_EQ(json["printed"].array().size(), kSteps);
  for (int step = 0; step < kSteps; ++step) {
    const double loss = losses.dtype() == kFloat32
                            ? losses.flat<float>()[step]
                            : losses.flat<double>()[step];
    EXPECT_EQ(json["printed"][step]["step"].number(), step + 1);
    EXPECT_NEAR(json["printed"][step]["values"]["loss"].number(), loss,
                losses.dtype() == kFloat32 ? 1e-5 : 1e-12);
    EXPECT_NEAR(json["printed"][step]["values"]["accuracy"].number(),
                expected.at("accuracy").flat<float>()[step], 1e-6);
  }
}

TEST_P(TrainingTest, TheInitializerGivesTensorFlowsVariables) {
  const std::string prefix = FreshDir("init") + "/model.ckpt";
  const ProgramResult result = RunTrellis(
      {"run", Meta(), "--init", "--target", "no_dropout", "--save", prefix});
  ASSERT_EQ(result.status, 0) << result.err;
  ExpectVariables(prefix, GetParam(), "step0/");
}

TEST_P(TrainingTest, CheckpointsAreNamedByTheGlobalStep) {
  const std::string prefix = FreshDir("every") + "/model.ckpt";
  const testing::Json json =
      TrellisJson({"run", Meta(), "--checkpoint", Checkpoint(), "--feed",
                   Feeds(), "--target", "train", "--batch=16", "--steps=10",
                   "--every=4", "--save", prefix});
  ASSERT_EQ(json["saved"].array().size(), 3);
  EXPECT_EQ(json["saved"][0].string(), prefix + "-4");
  EXPECT_EQ(json["saved"][2].string(), prefix + "-10");
  ExpectVariables(prefix + "-10", GetParam(), "step10/");

  // Going on from one of them is the same training.
  const std::string resumed = FreshDir("resumed") + "/model.ckpt";
  const ProgramResult result = RunTrellis(
      {"run", Meta(), "--checkpoint", prefix + "-8", "--feed",
       "x=" + Feeds() + ":x", "--feed", "labels=" + Feeds() + ":labels",
       "--target", "no_dropout", "--save", resumed});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(RunTrellis({"ckpt", prefix + "-8", resumed}).status, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Combos, TrainingTest,
    ::testing::Values("ref_float32_adam", "ref_float32_momentum",
                      "ref_float64_adam", "ref_float64_momentum",
                      "resource_float32_adam", "resource_float32_momentum",
                      "resource_float64_adam", "resource_float64_momentum"),
    [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace trellis
