#include "trellis/data/digit_strokes.h"

#include "gtest/gtest.h"

namespace trellis {
namespace {

void ExpectValid(PenStroke stroke) {
  ASSERT_GE(stroke.size(), 2);
  ASSERT_LE(stroke.size(), kMaxPenPoints);
  for (const PenPoint p : stroke) {
    EXPECT_TRUE(15 <= p.x && p.x <= 85) << int{p.x};
    EXPECT_TRUE(5 <= p.y && p.y <= 95) << int{p.y};
  }
  EXPECT_FALSE(stroke[0] == stroke[1]) << "a stroke begins with a corner";
  for (size_t i = 2; i < stroke.size(); ++i) {
    EXPECT_FALSE(stroke[i] == stroke[i - 1] && stroke[i] == stroke[i - 2])
        << "a point is given three times";
  }
}

TEST(PenStylesTest, EveryDigitHasThreeValidStyles) {
  for (int digit = 0; digit <= 9; ++digit) {
    SCOPED_TRACE(digit);
    EXPECT_GE(PenStyles(digit).size(), 3);
    for (const PenStyle& style : PenStyles(digit)) {
      ExpectValid(style.first);
      if (!style.second.empty()) ExpectValid(style.second);
    }
  }
}

}  // namespace
}  // namespace trellis
