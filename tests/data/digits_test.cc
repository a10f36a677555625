#include "trellis/data/digits.h"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "zlib.h"

namespace trellis {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

// The grey levels of one image.
std::vector<uint8_t> Levels(const LabeledImages& set, int64_t image) {
  std::vector<uint8_t> levels(set.image_size());
  for (int64_t i = 0; i < set.image_size(); ++i) {
    levels[i] = 255.0f * set.pixels[image * set.image_size() + i] + 0.5f;
  }
  return levels;
}

TEST(RenderDigitsTest, SetHasTheShapeItSays) {
  const LabeledImages set = RenderDigits(1, 25);
  EXPECT_EQ(set.count, 25);
  EXPECT_EQ(set.height, 28);
  EXPECT_EQ(set.width, 28);
  EXPECT_EQ(set.pixels.size(), 25 * 784);
  EXPECT_EQ(set.labels.size(), 25);
  EXPECT_EQ(RenderDigits(1, 0).count, 0);
}

TEST(RenderDigitsTest, PixelsAreGreyLevels) {
  const LabeledImages set = RenderDigits(2, 100);
  for (int64_t i = 0; i < set.count; ++i) {
    const std::vector<uint8_t> levels = Levels(set, i);
    for (int64_t j = 0; j < set.image_size(); ++j) {
      ASSERT_EQ(set.pixels[i * set.image_size() + j], PixelFromByte(levels[j]));
    }
  }
}

TEST(RenderDigitsTest, EachTenShowTheTenDigitsInAnOrderOfTheirOwn) {
  const LabeledImages set = RenderDigits(3, 200);
  std::set<std::vector<int64_t>> orders;
  for (auto ten = set.labels.begin(); ten != set.labels.end(); ten += 10) {
    std::vector<int64_t> digits(ten, ten + 10);
    orders.insert(digits);
    std::sort(digits.begin(), digits.end());
    EXPECT_THAT(digits, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
  }
  EXPECT_EQ(orders.size(), 20);
}

TEST(RenderDigitsTest, ImageDependsOnSeedAndIndexOnly) {
  const LabeledImages set = RenderDigits(4, 40);
  std::vector<float> pixels(kDigitPixels, -1.0f);
  for (const int64_t i : {39, 0, 17}) {
    EXPECT_EQ(RenderDigit(4, i, absl::MakeSpan(pixels)), set.labels[i]);
    EXPECT_TRUE(std::equal(pixels.begin(), pixels.end(),
                           set.pixels.begin() + i * kDigitPixels))
        << i;
  }
}

TEST(RenderDigitsTest, NoImageComesTwiceInOneSetOrInTwo) {
  constexpr int64_t kCount = 1000;
  std::set<std::vector<uint8_t>> seen;
  for (const uint64_t seed : {1, 2}) {
    const LabeledImages set = RenderDigits(seed, kCount);
    for (int64_t i = 0; i < kCount; ++i) seen.insert(Levels(set, i));
  }
  EXPECT_EQ(seen.size(), 2 * kCount);
}

// The promise of the same bits on every machine, compiler and configuration.
TEST(RenderDigitsTest, BitsArePinned) {
  const LabeledImages set = RenderDigits(1, 1000);
  uLong crc = crc32(0, nullptr, 0);
  for (int64_t i = 0; i < set.count; ++i) {
    const std::vector<uint8_t> levels = Levels(set, i);
    crc = crc32(crc, levels.data(), levels.size());
  }
  EXPECT_EQ(crc, 0xb105a447);
  EXPECT_THAT(std::vector<int64_t>(set.labels.begin(), set.labels.begin() + 10),
              ElementsAre(6, 2, 3, 8, 0, 7, 9, 4, 5, 1));
}

TEST(RenderDigitsTest, InkStaysAwayFromTheEdge) {
  const LabeledImages set = RenderDigits(5, 200);
  double all = 0, edge = 0;
  for (int64_t i = 0; i < set.pixels.size(); ++i) {
    const int64_t row = i / 28 % 28, column = i % 28;
    all += set.pixels[i];
    if (row % 27 == 0 || column % 27 == 0) edge += set.pixels[i];
  }
  EXPECT_GT(all / set.pixels.size(), 0.05);
  EXPECT_LT(all / set.pixels.size(), 0.25);
  EXPECT_LT(edge / all, 0.05);
}

// The labels tell what is drawn, and the distortions leave something to learn:
// the mean images of the classes classify most digits, by far not all.
TEST(RenderDigitsTest, ClassMeansClassifyTwoThirds) {
  const LabeledImages train = RenderDigits(6, 2000),
                      test = RenderDigits(7, 500);
  std::array<std::vector<float>, 10> means;
  means.fill(std::vector<float>(kDigitPixels));
  for (int64_t i = 0; i < train.count; ++i) {
    for (int64_t j = 0; j < kDigitPixels; ++j) {
      means[train.labels[i]][j] +=
          train.pixels[i * kDigitPixels + j] / (train.count / 10);
    }
  }
  int64_t right = 0;
  for (int64_t i = 0; i < test.count; ++i) {
    std::array<float, 10> distance = {};
    for (int digit = 0; digit < 10; ++digit) {
      for (int64_t j = 0; j < kDigitPixels; ++j) {
        const float d = test.pixels[i * kDigitPixels + j] - means[digit][j];
        distance[digit] += d * d;
      }
    }
    right += std::min_element(distance.begin(), distance.end()) ==
             distance.begin() + test.labels[i];
  }
  EXPECT_GT(right, test.count * 50 / 100);
  EXPECT_LT(right, test.count * 80 / 100);
}

TEST(RenderDigitTaskTest, SetsAreBalancedAndOfDifferentSeeds) {
  const TrainAndTest task = RenderDigitTask();
  for (const LabeledImages* set : {&task.train, &task.test}) {
    std::vector<int64_t> counts(10);
    for (const int64_t label : set->labels) ++counts[label];
    EXPECT_THAT(counts, Each(set->count / 10));
  }
  EXPECT_EQ(task.train.count, 30000);
  EXPECT_EQ(task.test.count, 10000);
  std::set<std::vector<uint8_t>> train;
  for (int64_t i = 0; i < task.train.count; ++i) {
    train.insert(Levels(task.train, i));
  }
  for (int64_t i = 0; i < task.test.count; ++i) {
    ASSERT_FALSE(train.contains(Levels(task.test, i))) << i;
  }
}

}  // namespace
}  // namespace trellis
