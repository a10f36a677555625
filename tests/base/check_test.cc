#include "trellis/base/check.h"

#include "gtest/gtest.h"

namespace trellis {
namespace {

TEST(CheckTest, PassesOverWhatHolds) {
  int evaluations = 0;
  TRELLIS_CHECK(++evaluations == 1) << "never printed " << ++evaluations;
  EXPECT_EQ(evaluations, 1);
}

TEST(CheckDeathTest, StopsWithPlaceConditionAndMessage) {
  EXPECT_DEATH(TRELLIS_CHECK(1 + 1 == 3) << "at slot " << 7,
               "check_test.cc:[0-9]+: check failed: 1 \\+ 1 == 3 at slot 7");
}

TEST(CheckTest, DebugChecksDoNotEvaluateInOptimizedBuilds) {
#ifdef NDEBUG
  int evaluations = 0;
  TRELLIS_DCHECK(++evaluations == 5);
  EXPECT_EQ(evaluations, 0);
#else
  EXPECT_DEATH(TRELLIS_DCHECK(false), "check failed");
#endif
}

}  // namespace
}  // namespace trellis
