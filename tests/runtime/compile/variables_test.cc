#include "trellis/runtime/compile/variables.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/tests/runtime/compile/compile_testing.h"

namespace trellis {
namespace {

using testing::GraphOf;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

TEST(FindVariablesTest, SharedNamesAndContainersMakeTheKey) {
  const auto graph = GraphOf(R"(
    a = VarHandleOp() dtype=float32 shape=[2]
    b = VarHandleOp() dtype=float32 shape=[2] shared_name="a
    c = VarHandleOp() dtype=float32 shape=[2] container="box
  )");
  const auto table = FindVariables(*graph);
  ASSERT_THAT(table, IsOk());
  ASSERT_EQ(table->variables.size(), 2u);
  EXPECT_EQ(table->variables[0].key, "a");
  EXPECT_EQ(table->variables[1].key, "box/c");
  EXPECT_EQ(table->ReferentOf(*graph->FindOutput("b")), 0);
}

TEST(FindVariablesTest, ReferencesPassThroughAssignments) {
  const auto graph = GraphOf(R"(
    v = VariableV2() dtype=float32 shape=[]
    one = Const() dtype=float32 value=float32[]:1
    w = Assign(v, one)
    x = AssignAdd(w, one)
    y = Neg(x)
  )");
  const auto table = FindVariables(*graph);
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ(table->ReferentOf(*graph->FindOutput("x")), 0);
  const auto uses = [&](absl::string_view name) {
    return table->uses[graph->FindNode(name)->id()];
  };
  ASSERT_EQ(uses("x").size(), 1u);
  EXPECT_EQ(uses("x")[0].effect, Effect::kUpdate);
  EXPECT_EQ(uses("w")[0].effect, Effect::kWrite);
  // What takes a reference as a value reads the variable.
  EXPECT_EQ(uses("y")[0].effect, Effect::kRead);
}

TEST(FindVariablesTest, RandomNodesHaveACounter) {
  const auto graph = GraphOf(R"(
    n = Const() dtype=int32 value=int32[1]:2
    r = RandomUniform(n) dtype=float32
  )");
  const auto table = FindVariables(*graph);
  ASSERT_THAT(table, IsOk());
  ASSERT_EQ(table->variables.size(), 1u);
  EXPECT_EQ(table->variables[0].key, "_trellis/rng/r");
  EXPECT_EQ(table->variables[0].dtype, kUint64);
}

TEST(FindVariablesTest, AHandleFromNowhereIsRefused) {
  const auto graph = GraphOf(R"(
    h = Placeholder() dtype=resource shape=[]
    r = ReadVariableOp(h) dtype=float32
  )");
  EXPECT_THAT(FindVariables(*graph),
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("h:0")));
}

}  // namespace
}  // namespace trellis
