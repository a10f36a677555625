#include "trellis/runtime/compile/prune.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/tests/runtime/compile/compile_testing.h"

namespace trellis {
namespace {

using ::testing::AllOf;
using testing::CompilerOps;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::GraphOf;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::NodeNames;
using ::testing::Not;
using testing::SignatureOf;
using testing::StatusIs;
using ::testing::UnorderedElementsAre;

constexpr char kDiamond[] = R"(
    x = Placeholder() dtype=float32 shape=[?]
    a = Neg(x)
    b = Square(a)
    c = AddV2(a, b)
    unused = Neg(c)
)";

TEST(PruneTest, KeepsWhatFetchesNeed) {
  const auto graph = GraphOf(kDiamond);
  const auto copy =
      Prune(*graph, SignatureOf(*graph, {"x"}, {"b"}), CompilerOps());
  ASSERT_THAT(copy, IsOk());
  EXPECT_THAT(NodeNames(**copy),
              ElementsAre("trellis/x/_feed_0", "a", "b", "trellis/b/_fetch_0",
                          "trellis/_target"));
  EXPECT_EQ(graph->num_nodes(), 5) << "the user's graph is as it was";
}

// R4.18
TEST(PruneTest, CutsAtFeeds) {
  const auto graph = GraphOf(kDiamond);
  const auto copy =
      Prune(*graph, SignatureOf(*graph, {"a"}, {"c"}), CompilerOps());
  ASSERT_THAT(copy, IsOk());
  EXPECT_THAT(NodeNames(**copy), AllOf(Contains("trellis/a/_feed_0"),
                                       Not(Contains("x")), Not(Contains("a"))));
}

// R4.18: a control edge from a fed placeholder is one from the feed.
TEST(PruneTest, ControlEdgesOfAFedPlaceholderComeFromTheFeed) {
  const auto graph = GraphOf(R"(
    x = Placeholder() dtype=float32 shape=[]
    c = Const() dtype=float32 value=float32[]:1
    y = Neg(c, ^x)
  )");
  const auto copy =
      Prune(*graph, SignatureOf(*graph, {"x"}, {"y"}), CompilerOps());
  ASSERT_THAT(copy, IsOk());
  const Node* y = (*copy)->FindNode("y");
  ASSERT_EQ(y->control_inputs().size(), 1u);
  EXPECT_EQ(y->control_inputs()[0]->op(), kFeedOp);
}

TEST(PruneTest, TargetsRunThroughControlEdges) {
  const auto graph = GraphOf(R"(
    c = Const() dtype=float32 value=float32[]:1
    a = Neg(c)
    group = NoOp(^a)
    other = Neg(c)
  )");
  const auto copy =
      Prune(*graph, SignatureOf(*graph, {}, {}, {"group"}), CompilerOps());
  ASSERT_THAT(copy, IsOk());
  EXPECT_THAT(NodeNames(**copy),
              UnorderedElementsAre("c", "a", "group", "trellis/_target"));
}

// R4.20
TEST(PruneTest, APlaceholderThatIsNeededMustBeFed) {
  const auto graph = GraphOf(kDiamond);
  EXPECT_THAT(Prune(*graph, SignatureOf(*graph, {}, {"c"}), CompilerOps()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("float32[?] placeholder")));
}

TEST(PruneTest, AHandleCannotBeFetched) {
  const auto graph = GraphOf("v = VarHandleOp() dtype=float32 shape=[]");
  EXPECT_THAT(Prune(*graph, SignatureOf(*graph, {}, {"v"}), CompilerOps()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("handle of a resource")));
}

TEST(PruneTest, AnUnknownOpIsNamedOnlyIfItIsNeeded) {
  const auto graph = GraphOf(kDiamond);
  auto unknown = graph->TryAddNode(
      {.name = "u", .op = "Frobnicate", .inputs = {*graph->FindOutput("a")}});
  ASSERT_THAT(unknown, IsOk());
  EXPECT_THAT(Prune(*graph, SignatureOf(*graph, {"x"}, {"c"}), CompilerOps()),
              IsOk());
  EXPECT_THAT(
      Prune(*graph, SignatureOf(*graph, {"x"}, {}, {"u"}), CompilerOps()),
      StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("Frobnicate")));
}

}  // namespace
}  // namespace trellis
