#include "trellis/graph/seeds.h"

#include "gtest/gtest.h"
#include "trellis/graph/op_builder.h"
#include "trellis/graph/scope.h"
#include "trellis/tests/op_testing.h"

namespace trellis {
namespace {

// A graph of two nodes, as in golden R1.67-a.
SeedPair Seeds(std::optional<int64_t> graph_seed,
               std::optional<int64_t> op_seed) {
  Graph graph(testing::AllOps(), {.seed = graph_seed});
  ToOutput(graph.root(), 1);
  ToOutput(graph.root(), 2);
  return NextSeeds(graph, op_seed);
}

TEST(SeedsTest, FollowTheTable) {  // R1.67, R1.68
  EXPECT_EQ(Seeds({}, {}), (SeedPair{0, 0}));
  EXPECT_EQ(Seeds({}, 5), (SeedPair{87654321, 5}));
  EXPECT_EQ(Seeds(42, {}), (SeedPair{42, 2}));
  EXPECT_EQ(Seeds(42, 7), (SeedPair{42, 7}));
  EXPECT_EQ(Seeds(0, 0), (SeedPair{0, 2147483647}));
}

TEST(SeedsTest, AreReducedToNonNegativeNumbers) {
  EXPECT_EQ(Seeds({}, -1).seed2, 2147483646);
  EXPECT_EQ(Seeds({}, 2147483647).seed2, 0);
  EXPECT_EQ(Seeds({}, 2147483650).seed2, 3);
  EXPECT_EQ(Seeds(-5, 1).seed, 2147483642);
}

TEST(SeedsTest, TheGraphsSeedCanBeSetLater) {
  Graph graph(testing::AllOps(), {.seed = 1});
  SetRandomSeed(graph, 9);
  EXPECT_EQ(NextSeeds(graph, 4), (SeedPair{9, 4}));
  SetRandomSeed(graph, std::nullopt);
  EXPECT_EQ(NextSeeds(graph, std::nullopt), SeedPair());
}

}  // namespace
}  // namespace trellis
