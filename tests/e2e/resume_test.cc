// A run that is saved, and goes on in another process, ends with the bytes of a
// run that was never interrupted; so does one with another number of threads.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "trellis/io/open_checkpoint.h"
#include "trellis/io/path.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/io/whole_file.h"
#include "trellis/tests/e2e/position.h"
#include "trellis/tests/e2e/subprocess.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using testing::IsOk;
using testing::Subprocess;

void RunTrainer(std::vector<std::string> flags) {
  flags.insert(flags.begin(), "tests/e2e/trainer");
  const auto trainer = Subprocess::Start(flags);
  ASSERT_THAT(trainer, IsOk());
  ASSERT_THAT((*trainer)->Wait(), IsOk());
}

// Trains from the beginning and returns the prefix of a new checkpoint.
std::string TrainUntil(int steps, int threads) {
  static int count = 0;
  const std::string prefix =
      JoinPath(::testing::TempDir(), absl::StrCat("checkpoint", count++));
  RunTrainer({absl::StrCat("--steps=", steps),
              absl::StrCat("--threads=", threads),
              absl::StrCat("--save=", prefix)});
  return prefix;
}

// The checkpoint's files.
std::vector<std::string> BytesOf(const std::string& prefix) {
  std::vector<std::string> bytes;
  for (const char* suffix : {".index", ".data-00000-of-00001"}) {
    const auto contents =
        ReadWholeFile(PosixFileSystem::Get(), absl::StrCat(prefix, suffix));
    EXPECT_THAT(contents, IsOk());
    bytes.push_back(contents.value_or(""));
  }
  return bytes;
}

class ResumeTest : public ::testing::TestWithParam<int> {
 protected:
  static void SetUpTestSuite() {
    whole_ = new std::vector<std::string>(BytesOf(TrainUntil(200, 1)));
  }
  static void TearDownTestSuite() { delete whole_; }

  // What 200 steps in one process and one thread end with.
  static std::vector<std::string>* whole_;
};

std::vector<std::string>* ResumeTest::whole_ = nullptr;

INSTANTIATE_TEST_SUITE_P(Threads, ResumeTest, ::testing::Values(1, 2, 3, 8));

TEST_P(ResumeTest, ThreadsDoNotChangeTheCheckpoint) {
  EXPECT_TRUE(BytesOf(TrainUntil(200, GetParam())) == *whole_);
}

TEST_P(ResumeTest, AnotherProcessGoesOnBitForBit) {
  const std::string half = TrainUntil(100, GetParam());
  EXPECT_FALSE(BytesOf(half) == *whole_);
  const std::string resumed = absl::StrCat(half, "-resumed");
  RunTrainer({"--steps=200", absl::StrCat("--threads=", GetParam()),
              absl::StrCat("--restore=", half),
              absl::StrCat("--save=", resumed)});
  EXPECT_TRUE(BytesOf(resumed) == *whole_);
}

// What makes the tests above say something: there is randomness in each step,
// and a place in the input that is neither the beginning nor an epoch's end.
TEST(ResumedStateTest, HasRandomCountersAndTheInputPosition) {
  const auto checkpoint =
      OpenCheckpoint(PosixFileSystem::Get(), TrainUntil(100, 1));
  ASSERT_THAT(checkpoint, IsOk());
  for (const char* layer : {"fc1", "fc2"}) {
    const auto counter = (*checkpoint)
                             ->Read(absl::StrCat("_trellis/rng/", layer,
                                                 "/dropout/dropout/"
                                                 "random_uniform/"
                                                 "RandomUniform"));
    EXPECT_THAT(counter, IsOk());
  }
  const auto position = (*checkpoint)->Read(testing::kPosition);
  ASSERT_THAT(position, IsOk());
  const BatchesState state = testing::ToBatchesState(*position);
  EXPECT_EQ(state.epoch, 11);
  EXPECT_EQ(state.offset, 30);
}

}  // namespace
}  // namespace trellis
