#include "trellis/data/mnist.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/tests/data/gzip.h"

namespace trellis {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Bytes = std::vector<uint8_t>;

constexpr char kTrainImages[] = "train-images-idx3-ubyte";
constexpr char kTrainLabels[] = "train-labels-idx1-ubyte";
constexpr char kTestImages[] = "t10k-images-idx3-ubyte";
constexpr char kTestLabels[] = "t10k-labels-idx1-ubyte";

// `count` images of which pixel j is (i + j) modulo 256.
Bytes Images(uint8_t count, uint8_t side = 28) {
  Bytes file = {0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, side, 0, 0, 0, side};
  for (int i = 0; i < count; ++i) {
    for (int j = 0; j < side * side; ++j) file.push_back(i + j);
  }
  return file;
}

Bytes Labels(const Bytes& labels) {
  Bytes file = {0, 0, 8, 1, 0, 0, 0, static_cast<uint8_t>(labels.size())};
  for (const uint8_t label : labels) file.push_back(label);
  return file;
}

using Files = std::map<std::string, Bytes>;

Files GoodFiles() {
  return {{kTrainImages, Images(3)},
          {kTrainLabels, Labels({7, 0, 9})},
          {kTestImages, Images(2)},
          {kTestLabels, Labels({1, 2})}};
}

// A fresh directory with the files.
std::string WriteFiles(const Files& files) {
  const std::string dir = ::testing::TempDir() + "/mnist";
  std::filesystem::remove_all(dir);
  std::filesystem::create_directories(dir);
  for (const auto& [name, bytes] : files) {
    std::ofstream(dir + "/" + name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return dir;
}

TEST(LoadMnistTest, ReadsBothSets) {
  const absl::StatusOr<TrainAndTest> sets = LoadMnist(WriteFiles(GoodFiles()));
  ASSERT_TRUE(sets.ok()) << sets.status();
  EXPECT_EQ(sets->train.count, 3);
  EXPECT_EQ(sets->train.height, 28);
  EXPECT_EQ(sets->train.width, 28);
  EXPECT_THAT(sets->train.labels, ElementsAre(7, 0, 9));
  ASSERT_EQ(sets->train.pixels.size(), 3 * 784);
  EXPECT_EQ(sets->train.pixels[0], 0.0f);
  EXPECT_EQ(sets->train.pixels[255], 1.0f);
  EXPECT_EQ(sets->train.pixels[784 + 50], 51.0f / 255.0f);
  EXPECT_EQ(sets->test.count, 2);
  EXPECT_THAT(sets->test.labels, ElementsAre(1, 2));
  EXPECT_EQ(sets->test.pixels.size(), 2 * 784);
}

TEST(LoadMnistTest, TakesCompressedFilesWherePlainOnesAreMissing) {
  Files files = GoodFiles();
  files[absl::StrCat(kTrainImages, ".gz")] = Gzip(files[kTrainImages]);
  files.erase(kTrainImages);
  files[absl::StrCat(kTestLabels, ".gz")] = Gzip(Labels({9, 9}));
  const absl::StatusOr<TrainAndTest> sets = LoadMnist(WriteFiles(files));
  ASSERT_TRUE(sets.ok()) << sets.status();
  EXPECT_EQ(sets->train.pixels[784 + 50], 51.0f / 255.0f);
  EXPECT_THAT(sets->test.labels, ElementsAre(1, 2)) << "the plain file's";
}

TEST(LoadMnistTest, RefusesFilesThatDoNotFit) {
  const struct {
    const char* file;
    Bytes bytes;
    const char* message;
  } cases[] = {
      {kTrainImages, Images(3, 27), "shape [3,27,27], must be [count,28,28]"},
      {kTrainImages, Labels({1, 2, 3}), "shape [3], must be [count,28,28]"},
      {kTestImages, Images(0), "shape [0,28,28]"},
      {kTrainLabels, Labels({1, 2}), "shape [2], must be [3]"},
      {kTestLabels, Labels({1, 2, 3}), "shape [3], must be [2]"},
      {kTestLabels, Images(2), "shape [2,28,28], must be [2]"},
      {kTestLabels, Labels({1, 10}), "label 1 is 10, must be 0 to 9"},
      {kTrainLabels, {1, 2, 3, 4}, "not an IDX file"},
  };
  for (const auto& c : cases) {
    Files files = GoodFiles();
    files[c.file] = c.bytes;
    const absl::Status status = LoadMnist(WriteFiles(files)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr(c.file), HasSubstr(c.message)));
  }
}

TEST(LoadMnistTest, MissingFileIsNamedUnderBothNames) {
  for (const char* name :
       {kTrainImages, kTrainLabels, kTestImages, kTestLabels}) {
    Files files = GoodFiles();
    files.erase(name);
    const absl::Status status = LoadMnist(WriteFiles(files)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr(absl::StrCat(name, ":")),
                      HasSubstr(absl::StrCat(name, ".gz"))));
  }
}

TEST(LoadMnistTest, RealFiles) {
  const char* data = std::getenv("TRELLIS_TEST_DATA");
  if (data == nullptr) GTEST_SKIP() << "TRELLIS_TEST_DATA is not set";
  const absl::StatusOr<TrainAndTest> sets =
      LoadMnist(absl::StrCat(data, "/mnist"));
  ASSERT_TRUE(sets.ok()) << sets.status();
  EXPECT_EQ(sets->train.count, 60000);
  EXPECT_EQ(sets->test.count, 10000);
  const auto first = sets->train.labels.begin();
  EXPECT_THAT(std::vector<int64_t>(first, first + 5),
              ElementsAre(5, 0, 4, 1, 9));
  double mean = 0;
  for (const float pixel : sets->train.pixels) mean += pixel;
  EXPECT_NEAR(mean / sets->train.pixels.size(), 0.1307, 0.0001);
}

}  // namespace
}  // namespace trellis
