// What plans look like: which steps there are, and where their operands lie.
#include "trellis/runtime/plan.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/tests/graph_text.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

using testing::AddNodes;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;

std::string PlanOf(absl::string_view text,
                   const std::vector<std::string>& fetches,
                   std::vector<std::pair<TensorRef, Shape>> feeds = {},
                   const Targets& targets = {}, SessionOptions options = {}) {
  Graph graph(Builtin().ops);
  EXPECT_THAT(AddNodes(graph, text), IsOk());
  auto session = NewSession(graph, options);
  EXPECT_THAT(session, IsOk());
  Fetches refs;
  for (const std::string& name : fetches) refs.push_back(name);
  const auto plan = (*session)->DescribePlan(feeds, refs, targets);
  EXPECT_THAT(plan, IsOk());
  return plan.ok() ? *plan : "";
}

TEST(PlanTest, AChainComputesInPlaceAndEndsInTheResult) {
  EXPECT_EQ(PlanOf(R"(
    x = Placeholder() dtype=float32 shape=[4]
    a = Neg(x)
    b = Square(a)
    c = Neg(b)
  )",
                   {"c"}, {{"x", Shape{4}}}),
            "0 kernel Neg a @CPU:0 (feed0) -> (fetch0)\n"
            "1 kernel Square b @CPU:0 (fetch0) -> (fetch0)\n"
            "2 kernel Neg c @CPU:0 (fetch0) -> (fetch0)\n"
            "3 steps, 0 dynamic, 0 constants, 0 variables\n");
}

TEST(PlanTest, WithoutOptimizingEveryValueHasItsBytes) {
  EXPECT_EQ(PlanOf(R"(
    x = Placeholder() dtype=float32 shape=[4]
    a = Neg(x)
    b = Square(a)
    c = Neg(b)
  )",
                   {"c"}, {{"x", Shape{4}}}, {}, {.optimize = false}),
            "0 kernel Neg a @CPU:0 (feed0) -> (arena0+0)\n"
            "1 kernel Square b @CPU:0 (arena0+0) -> (arena0+64)\n"
            "2 kernel Neg c @CPU:0 (arena0+64) -> (fetch0)\n"
            "arena0: 128 bytes on "
            "/job:localhost/replica:0/task:0/device:CPU:0\n"
            "3 steps, 0 dynamic, 0 constants, 0 variables\n");
}

TEST(PlanTest, ADeadValueIsNotOverwrittenWhileSomebodyNeedsIt) {
  const std::string plan = PlanOf(R"(
    x = Placeholder() dtype=float32 shape=[4]
    a = Neg(x)
    b = Square(a)
    c = AddV2(a, b)
  )",
                                  {"c"}, {{"x", Shape{4}}});
  // b may not take a's memory; c may take either's.
  EXPECT_THAT(plan,
              HasSubstr("1 kernel Square b @CPU:0 (fetch0) -> (arena0+0)"));
}

TEST(PlanTest, ViewsMakeNoStep) {
  const std::string plan = PlanOf(R"(
    x = Placeholder() dtype=float32 shape=[4]
    a = Neg(x)
    two = Const() dtype=int32 value=int32[2]:2,2
    b = Reshape(a, two)
    c = Identity(b)
  )",
                                  {"c"}, {{"x", Shape{4}}});
  EXPECT_EQ(plan,
            "0 kernel Neg a @CPU:0 (feed0) -> (fetch0)\n"
            "1 steps, 0 dynamic, 0 constants, 0 variables\n");
}

TEST(PlanTest, TheShapeArithmeticOfGradientsIsDoneBeforehand) {
  const std::string plan = PlanOf(R"(
    x = Placeholder() dtype=float32 shape=[?,3]
    y = Placeholder() dtype=float32 shape=[3]
    sx = Shape(x)
    sy = Shape(y)
    axes = BroadcastGradientArgs(sx, sy)
    sum = Sum(x, axes:1)
    g = Reshape(sum, sy)
  )",
                                  {"g"}, {{"x", Shape{5, 3}}, {"y", Shape{3}}});
  EXPECT_THAT(plan, HasSubstr("0 kernel Sum sum"));
  EXPECT_THAT(plan, HasSubstr("1 steps, 0 dynamic"));
}

TEST(PlanTest, AReadThatNobodyDisturbsIsTheVariableItself) {
  constexpr char kText[] = R"(
    v = VarHandleOp() dtype=float32 shape=[4]
    one = Const() dtype=float32 value=float32[4]:1
    r = ReadVariableOp(v) dtype=float32
    n = Neg(r)
    w = AssignAddVariableOp(v, one)
  )";
  EXPECT_THAT(PlanOf(kText, {"n"}, {}, {"w"}),
              HasSubstr("0 kernel Neg n @CPU:0 (var(v)) -> (fetch0)\n"));
  // Fetched beside the update, it is copied out before.
  EXPECT_THAT(
      PlanOf(kText, {"r"}, {}, {"w"}),
      HasSubstr("0 read ReadVariableOp r @CPU:0 (var(v)) -> (fetch0)\n"));
}

TEST(PlanTest, UnknownShapesMakeDynamicSteps) {
  const std::string plan = PlanOf(R"(
    x = Placeholder() dtype=bool shape=[?]
    at = Where(x) T=bool
    n = Neg(at)
  )",
                                  {"n"}, {{"x", Shape{4}}});
  EXPECT_THAT(plan, HasSubstr("0 dynamic Where at"));
  EXPECT_THAT(plan, HasSubstr("1 dynamic Neg n"));
  EXPECT_THAT(plan, HasSubstr("2 steps, 2 dynamic"));
}

TEST(PlanTest, WithoutPlansEveryStepIsDynamic) {
  EXPECT_THAT(PlanOf(R"(
    x = Placeholder() dtype=float32 shape=[4]
    a = Neg(x)
    b = Identity(a)
  )",
                     {"b"}, {{"x", Shape{4}}}, {}, {.plan = false}),
              HasSubstr("2 steps, 2 dynamic"));
}

TEST(PlanTest, WhatFoldedAwayDoesNotRun) {
  EXPECT_THAT(PlanOf(R"(
    x = Placeholder() dtype=float32 shape=[4]
    costly = Square(x)
    shape = Shape(costly)
  )",
                     {"shape"}, {{"x", Shape{4}}}),
              Not(HasSubstr("Square")));
}

}  // namespace
}  // namespace trellis
