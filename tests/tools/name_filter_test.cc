#include "trellis/tools/trellis/name_filter.h"

#include <string>

#include "gtest/gtest.h"

namespace trellis {
namespace {

TEST(NameFilterTest, WithoutWildcardsAPartIsEnough) {
  EXPECT_TRUE(MatchesPattern("dense", "fc1/dense/kernel"));
  EXPECT_TRUE(MatchesPattern("", "fc1"));
  EXPECT_FALSE(MatchesPattern("Dense", "fc1/dense"));
}

TEST(NameFilterTest, WildcardsMatchTheWholeName) {
  EXPECT_TRUE(MatchesPattern("fc?/*/kernel", "fc1/dense/kernel"));
  EXPECT_TRUE(MatchesPattern("*kernel", "fc1/dense/kernel"));
  EXPECT_TRUE(MatchesPattern("*a*a*", "banana"));
  EXPECT_TRUE(MatchesPattern("*", ""));
  EXPECT_FALSE(MatchesPattern("fc?", "fc12"));
  EXPECT_FALSE(MatchesPattern("fc?", "fc"));
  EXPECT_FALSE(MatchesPattern("*kernel", "fc1/kernel/Adam"));
}

TEST(NameFilterTest, ManyStarsCostNoMoreThanTheProductOfLengths) {
  const std::string name(20000, 'a');
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "a*";
  EXPECT_FALSE(MatchesPattern(pattern + "b", name));
}

}  // namespace
}  // namespace trellis
