#include "trellis/data/batches.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAreArray;

// `count` images of 1x2 pixels: example i is {i, -i} with the label 10 * i.
LabeledImages Numbered(int64_t count) {
  LabeledImages set{.count = count, .height = 1, .width = 2};
  for (int64_t i = 0; i < count; ++i) {
    set.pixels.insert(set.pixels.end(),
                      {static_cast<float>(i), static_cast<float>(-i)});
    set.labels.push_back(10 * i);
  }
  return set;
}

// Reads n examples of a Numbered set and returns which they are.
std::vector<int64_t> Take(Batches& batches, int64_t n) {
  std::vector<float> pixels(2 * n);
  std::vector<int64_t> labels(n);
  batches.Next(absl::MakeSpan(pixels), absl::MakeSpan(labels));
  std::vector<int64_t> examples;
  for (int64_t i = 0; i < n; ++i) {
    examples.push_back(labels[i] / 10);
    EXPECT_EQ(pixels[2 * i], examples[i]);
    EXPECT_EQ(pixels[2 * i + 1], -examples[i]);
  }
  return examples;
}

TEST(BatchesTest, EachEpochHasEveryExampleOnceInAnOrderOfItsOwn) {
  const LabeledImages set = Numbered(50);
  std::vector<int64_t> all(50);
  std::iota(all.begin(), all.end(), 0);
  Batches batches(set, 1);
  std::vector<int64_t> before = all;
  for (int epoch = 0; epoch < 3; ++epoch) {
    const std::vector<int64_t> order = Take(batches, 50);
    EXPECT_NE(order, before);
    EXPECT_THAT(order, UnorderedElementsAreArray(all));
    before = order;
  }
  Batches again(set, 1), other(set, 2);
  EXPECT_NE(Take(again, 50), Take(other, 50));
}

TEST(BatchesTest, OrderIsPinned) {
  const LabeledImages set = Numbered(8);
  Batches batches(set, 42);
  EXPECT_THAT(Take(batches, 8), ElementsAre(7, 5, 1, 4, 6, 2, 3, 0));
  EXPECT_THAT(Take(batches, 8), ElementsAre(4, 1, 2, 5, 7, 0, 6, 3));
}

TEST(BatchesTest, BatchGoesOnInTheNextEpoch) {
  const LabeledImages set = Numbered(10);
  Batches whole(set, 3), pieces(set, 3);
  const std::vector<int64_t> expected = Take(whole, 28);
  std::vector<int64_t> found;
  for (const int64_t n : {4, 4, 4, 0, 1, 15}) {  // over an end, over two
    const std::vector<int64_t> piece = Take(pieces, n);
    found.insert(found.end(), piece.begin(), piece.end());
  }
  EXPECT_EQ(found, expected);
  EXPECT_EQ(pieces.state(),
            (BatchesState{.seed = 3, .count = 10, .epoch = 2, .offset = 8}));
}

TEST(BatchesTest, EndOfAnEpochIsTheStartOfTheNext) {
  const LabeledImages set = Numbered(6);
  Batches batches(set, 4);
  Take(batches, 6);
  EXPECT_EQ(batches.state(),
            (BatchesState{.seed = 4, .count = 6, .epoch = 1, .offset = 0}));
}

TEST(BatchesTest, RestoredReaderGoesOnAsTheSavedOne) {
  const LabeledImages set = Numbered(10);
  for (const int64_t read : {0, 3, 10, 17, 40}) {
    Batches saved(set, 5);
    Take(saved, read);
    const BatchesState state = saved.state();
    Batches restored(set, 6);  // the state brings its own seed
    Take(restored, 7);
    ASSERT_TRUE(restored.Restore(state).ok());
    EXPECT_EQ(restored.state(), state);
    EXPECT_EQ(Take(restored, 25), Take(saved, 25)) << read;
  }
}

TEST(BatchesTest, RestoreRefusesWhatIsNoStateAndChangesNothing) {
  const LabeledImages set = Numbered(10);
  Batches batches(set, 7);
  Take(batches, 13);
  const BatchesState good = batches.state();
  const auto with = [&](auto change) {
    BatchesState state = good;
    change(state);
    return state;
  };
  const std::pair<BatchesState, const char*> cases[] = {
      {with([](auto& s) { s.count = 11; }), "of 11 examples, this one has 10"},
      {with([](auto& s) { s.epoch = -1; }), "epoch -1"},
      {with([](auto& s) { s.offset = -1; }), "offset -1"},
      {with([](auto& s) { s.offset = 10; }), "offset 10"},
  };
  for (const auto& [state, message] : cases) {
    const absl::Status status = batches.Restore(state);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(message));
    EXPECT_EQ(batches.state(), good);
  }
}

}  // namespace
}  // namespace trellis
