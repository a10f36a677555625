#include "trellis/graph/collections.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "trellis/graph/op_builder.h"
#include "trellis/tests/op_testing.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using testing::IsOk;
using testing::StatusIs;

std::vector<std::string> Names(const std::vector<CollectionItem>& items) {
  std::vector<std::string> names;
  for (const CollectionItem& item : items) names.push_back(NameOf(item));
  return names;
}

TEST(CollectionsTest, KeepOrderAndDuplicates) {  // R1.42 - R1.44
  Graph graph(testing::AllOps());
  const Output a = ToOutput(graph.root(), 1, "foo/a");
  const Output b = ToOutput(graph.root(), 1, "bar/b");
  for (const Output& o : {b, a, b}) {
    EXPECT_THAT(AddToCollection(graph, kLosses, o), IsOk());
  }
  EXPECT_THAT(Names(GetCollection(graph, "losses")),
              ElementsAre("bar/b:0", "foo/a:0", "bar/b:0"));
  EXPECT_THAT(Names(GetCollection(graph, "losses", "fo")),
              ElementsAre("foo/a:0"));
  EXPECT_TRUE(GetCollection(graph, "missing").empty());
}

TEST(CollectionsTest, AKeyGivenTwiceIsUsedOnce) {  // R1.43
  Graph graph(testing::AllOps());
  EXPECT_THAT(AddToCollections(graph, {"x", "y", "x"}, std::string("bytes")),
              IsOk());
  EXPECT_EQ(GetCollection(graph, "x").size(), 1);
  EXPECT_THAT(CollectionKeys(graph), ElementsAre("x", "y"));
  EXPECT_THAT(ClearCollection(graph, "x"), IsOk());
  EnsureCollection(graph, kUpdateOps);
  EXPECT_THAT(CollectionKeys(graph), ElementsAre("y", "update_ops"));
}

TEST(CollectionsTest, OutputsCountAsNodes) {
  Graph graph(testing::AllOps());
  const Output a = ToOutput(graph.root(), 1, "a");
  const std::vector<CollectionItem> items = {a.node, a, int64_t{3}};
  EXPECT_THAT(NodesOf(items), ElementsAre(a.node, a.node));
  EXPECT_THAT(OutputsOf(items), ElementsAre(a));
}

TEST(CollectionsTest, AFinalizedGraphKeepsThem) {  // R1.39
  Graph graph(testing::AllOps());
  graph.Finalize();
  EXPECT_THAT(AddToCollection(graph, "x", std::string("y")),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_TRUE(GetCollection(graph, "x").empty());
}

}  // namespace
}  // namespace trellis
