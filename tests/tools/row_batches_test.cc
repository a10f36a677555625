#include "trellis/tools/trellis/row_batches.h"

#include <algorithm>

#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

Tensor Rows(int64_t n) {
  Tensor rows(kInt32, {n, 2});
  for (int64_t i = 0; i < 2 * n; ++i) {
    rows.flat<int32_t>()[i] = static_cast<int32_t>(i);
  }
  return rows;
}

// The number of each row of a batch of Rows().
std::vector<int64_t> RowsOf(const Tensor& batch) {
  std::vector<int64_t> rows;
  const auto values = batch.flat<int32_t>();
  for (size_t i = 0; i < values.size(); i += 2) {
    EXPECT_EQ(values[i] + 1, values[i + 1]);
    rows.push_back(values[i] / 2);
  }
  return rows;
}

TEST(RowBatchesTest, GoesOnWithTheNextEpochInTheMiddleOfABatch) {
  auto batches = RowBatches::Make({Rows(5)}, 2, std::nullopt);
  ASSERT_THAT(batches, IsOk());
  EXPECT_EQ(batches->batches_per_epoch(), 3);
  EXPECT_THAT(RowsOf(batches->Next()[0]), ElementsAre(0, 1));
  EXPECT_THAT(RowsOf(batches->Next()[0]), ElementsAre(2, 3));
  EXPECT_THAT(RowsOf(batches->Next()[0]), ElementsAre(4, 0));
  EXPECT_THAT(RowsOf(batches->Next()[0]), ElementsAre(1, 2));
}

TEST(RowBatchesTest, OneEpochEndsWithASmallerBatch) {
  auto batches = RowBatches::Make({Rows(5)}, 2, std::nullopt);
  ASSERT_THAT(batches, IsOk());
  batches->NextOfEpoch();
  batches->NextOfEpoch();
  EXPECT_THAT(RowsOf(batches->NextOfEpoch()[0]), ElementsAre(4));
}

TEST(RowBatchesTest, ShufflesAnewEachEpochAndEverywhereTheSame) {
  const auto epochs = [](int64_t seed) {
    auto batches = RowBatches::Make({Rows(50)}, 50, seed);
    EXPECT_THAT(batches, IsOk());
    return std::vector<std::vector<int64_t>>{RowsOf(batches->Next()[0]),
                                             RowsOf(batches->Next()[0])};
  };
  const auto a = epochs(7);
  EXPECT_EQ(a, epochs(7));
  EXPECT_NE(a[0], a[1]);
  EXPECT_NE(a[0], epochs(8)[0]);
  for (std::vector<int64_t> epoch : a) {
    EXPECT_FALSE(std::is_sorted(epoch.begin(), epoch.end()));
    std::sort(epoch.begin(), epoch.end());
    for (int64_t i = 0; i < 50; ++i) EXPECT_EQ(epoch[i], i);
  }
}

TEST(RowBatchesTest, ArraysStayTogetherAndScalarsWhole) {
  Tensor names(kString, {3});
  for (int i = 0; i < 3; ++i) {
    names.flat<std::string>()[i] = std::to_string(i);
  }
  auto batches = RowBatches::Make({Rows(3), Tensor::Scalar(0.5f), names}, 2, 1);
  ASSERT_THAT(batches, IsOk());
  const std::vector<Tensor> batch = batches->Next();
  const std::vector<int64_t> rows = RowsOf(batch[0]);
  EXPECT_EQ(batch[1].scalar<float>(), 0.5f);
  EXPECT_THAT(batch[2].flat<std::string>(),
              ElementsAre(std::to_string(rows[0]), std::to_string(rows[1])));
}

TEST(RowBatchesTest, RefusesArraysThatDoNotFit) {
  constexpr auto kInvalidArgument = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(RowBatches::Make({Rows(5), Rows(4)}, 2, std::nullopt),
              StatusIs(kInvalidArgument, HasSubstr("5 and 4 rows")));
  EXPECT_THAT(RowBatches::Make({Tensor::Scalar(1.0f)}, 2, std::nullopt),
              StatusIs(kInvalidArgument, HasSubstr("rows to cut")));
  EXPECT_THAT(RowBatches::Make({Rows(0)}, 2, std::nullopt),
              StatusIs(kInvalidArgument, HasSubstr("rows to cut")));
  EXPECT_THAT(RowBatches::Make({Rows(5)}, 6, std::nullopt),
              StatusIs(kInvalidArgument, HasSubstr("have 5 rows")));
}

}  // namespace
}  // namespace trellis
