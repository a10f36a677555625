#include "trellis/graph/colocation_groups.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trellis {
namespace {

using ::testing::AnyOf;
using ::testing::Optional;

TEST(ColocationGroups, EndWithoutARing) {
  ColocationGroups groups;
  EXPECT_EQ(groups.FindRing(), std::nullopt);
  groups.Add(0, 0);  // founds a group
  groups.Add(1, 0);
  groups.Add(2, 1);
  groups.Add(2, 0);
  groups.Add(3, 2);
  groups.Add(3, 1);
  EXPECT_EQ(groups.FindRing(), std::nullopt);
}

TEST(ColocationGroups, FindANodeOfARing) {
  ColocationGroups groups;
  groups.Add(9, 1);
  groups.Add(1, 2);
  groups.Add(2, 3);
  groups.Add(3, 1);
  EXPECT_THAT(groups.FindRing(), Optional(AnyOf(1, 2, 3)));
}

}  // namespace
}  // namespace trellis
