#include "trellis/runtime/kept_checkpoints.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

absl::Time At(int hours) {
  return absl::UnixEpoch() + absl::Hours(1000 + hours);
}

TEST(KeptCheckpointsTest, GivesUpTheOldestBeyondTheLimit) {
  KeptCheckpoints kept(2, absl::Hours(10000), At(0));
  for (const char* prefix : {"a", "b", "c", "d"}) kept.Add(prefix, At(1));
  EXPECT_THAT(kept.GiveUp(), ElementsAre("a", "b"));
  EXPECT_THAT(kept.prefixes(), ElementsAre("c", "d"));
  EXPECT_THAT(kept.GiveUp(), IsEmpty());
}

TEST(KeptCheckpointsTest, SavingAgainMovesToTheEnd) {
  KeptCheckpoints kept(2, absl::Hours(10000), At(0));
  for (const char* prefix : {"a", "b", "a", "c"}) kept.Add(prefix, At(1));
  EXPECT_THAT(kept.GiveUp(), ElementsAre("b"));
  EXPECT_THAT(kept.prefixes(), ElementsAre("a", "c"));
}

TEST(KeptCheckpointsTest, OneOfEachPeriodStaysForGood) {
  KeptCheckpoints kept(1, absl::Hours(2), At(0));
  std::vector<std::string> deleted;
  for (int hour = 1; hour <= 7; ++hour) {
    kept.Add(std::to_string(hour), At(hour));
    for (std::string& d : kept.GiveUp()) deleted.push_back(std::move(d));
  }
  // Later than hours 2 and 4: 3 and 5.
  EXPECT_THAT(deleted, ElementsAre("1", "2", "4", "6"));
}

TEST(KeptCheckpointsTest, NoLimitRemembersNothing) {
  for (int limit : {0, -1}) {
    KeptCheckpoints kept(limit, absl::Hours(1), At(0));
    kept.Add("a", At(1));
    EXPECT_THAT(kept.GiveUp(), IsEmpty());
    EXPECT_THAT(kept.prefixes(), IsEmpty());
  }
}

}  // namespace
}  // namespace trellis
