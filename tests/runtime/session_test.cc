#include "trellis/runtime/session.h"

#include <atomic>
#include <mutex>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/tests/graph_text.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

using testing::AddNodes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::ParseTensor;
using testing::StatusIs;

// A graph from text, and a session on it.
struct Machine {
  explicit Machine(absl::string_view text, SessionOptions options = {})
      : graph(Builtin().ops) {
    const absl::Status added = AddNodes(graph, text);
    EXPECT_THAT(added, IsOk());
    auto made = NewSession(graph, std::move(options));
    EXPECT_THAT(made, IsOk());
    session = *std::move(made);
  }
  // The fetch as text, or the error.
  std::string Fetch(const std::string& fetch, Feeds feeds = {},
                    Targets targets = {}) {
    auto results = session->Run(feeds, Fetches{fetch}, targets);
    return results.ok() ? (*results)[0].ToString()
                        : results.status().ToString();
  }
  absl::Status Run(const std::string& target) {
    return session->Run({}, Fetches{}, {target}).status();
  }

  Graph graph;
  std::unique_ptr<Session> session;
};

constexpr char kAddition[] = R"(
    x = Placeholder() dtype=float32 shape=[?]
    two = Const() dtype=float32 value=float32[]:2
    product = Mul(x, two)
    sum = AddV2(product, x)
)";

TEST(SessionTest, RunsAPathThroughTheGraph) {
  Machine m(kAddition);
  EXPECT_EQ(m.Fetch("sum", {{"x", Tensor::Of<float>({1, 2, 3})}}),
            "float32[3]: 3 6 9");
  EXPECT_EQ(m.Fetch("sum:0", {{"x", Tensor::Of<float>({5})}}),
            "float32[1]: 15");
}

// R4.18: feeding a tensor cuts what would compute it.
TEST(SessionTest, AnyTensorCanBeFed) {
  Machine m(kAddition);
  EXPECT_EQ(m.Fetch("sum", {{"product", Tensor::Of<float>({10})},
                            {"x", Tensor::Of<float>({1})}}),
            "float32[1]: 11");
}

// R4.13
TEST(SessionTest, AFedTensorCanBeFetched) {
  Machine m(kAddition);
  EXPECT_EQ(m.Fetch("x", {{"x", Tensor::Of<float>({4})}}), "float32[1]: 4");
}

// R4.9
TEST(SessionTest, ATensorFetchedTwiceIsTwoTensors) {
  Machine m(kAddition);
  auto r =
      m.session->Run({{"x", Tensor::Of<float>({1})}}, Fetches{"sum", "sum"});
  ASSERT_THAT(r, IsOk());
  (*r)[0].flat<float>()[0] = 99;
  EXPECT_EQ((*r)[1].ToString(), "float32[1]: 3");
}

// R4.20
TEST(SessionTest, APlaceholderThatIsNotFedIsNamed) {
  Machine m(kAddition);
  EXPECT_THAT(m.session->Run({}, Fetches{"sum"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("x: the run needs a value for this "
                                 "float32[?] placeholder")));
}

TEST(SessionTest, FeedsMustFit) {
  Machine m(kAddition);
  EXPECT_THAT(m.session->Run({{"x", Tensor::Of<int32_t>({1})}}, Fetches{"sum"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("is int32[1], must be float32[?]")));
  EXPECT_THAT(
      m.session->Run({{"x", Tensor::Scalar(1.f)}}, Fetches{"sum"}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("float32[]")));
  EXPECT_THAT(m.session->Run({{"nope", Tensor::Scalar(1.f)}}, Fetches{"sum"}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("nope")));
}

// Nor does such a shape use up the room for plans.
TEST(SessionTest, ShapesOfFeedsMustFitWhatIsPlanned) {
  Machine m(R"(
    x = Placeholder() dtype=float32 shape=[?,3]
    y = Neg(x)
  )");
  for (const Shape& shape :
       {Shape{2, 4}, Shape{3}, Shape{kUnknownDim, 3}, Shape()}) {
    EXPECT_THAT(m.session->Prepare({{"x", shape}}, Fetches{"y"}),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr(") is to be " + shape.ToString())));
    EXPECT_THAT(m.session->DescribePlan({{"x", shape}}, Fetches{"y"}),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("a fully known shape that fits [?,3]")));
  }
  EXPECT_EQ(m.session->report().plans, 0);
  EXPECT_THAT(m.session->Prepare({{"x", Shape{2, 3}}}, Fetches{"y"}), IsOk());
  EXPECT_EQ(m.session->report().plans, 1);
}

constexpr char kVariable[] = R"(
    v = VarHandleOp() dtype=float32 shape=[2]
    one = Const() dtype=float32 value=float32[2]:1
    init = AssignVariableOp(v, one)
    read = ReadVariableOp(v) dtype=float32
    more = AssignAddVariableOp(v, one)
    twice = AddV2(read, read)
)";

TEST(SessionTest, VariablesLastAcrossRuns) {
  Machine m(kVariable);
  ASSERT_THAT(m.Run("init"), IsOk());
  EXPECT_EQ(m.Fetch("read"), "float32[2]: 1 1");
  ASSERT_THAT(m.Run("more"), IsOk());
  ASSERT_THAT(m.Run("more"), IsOk());
  EXPECT_EQ(m.Fetch("twice"), "float32[2]: 6 6");
}

TEST(SessionTest, AFetchBesideAnUpdateIsTheValueBefore) {
  Machine m(kVariable);
  ASSERT_THAT(m.Run("init"), IsOk());
  EXPECT_EQ(m.Fetch("read", {}, {"more"}), "float32[2]: 1 1");
  EXPECT_EQ(m.Fetch("twice", {}, {"more"}), "float32[2]: 4 4");
}

// R4.2
TEST(SessionTest, SessionsDoNotShareValues) {
  Machine m(kVariable);
  ASSERT_THAT(m.Run("init"), IsOk());
  auto other = NewSession(m.graph);
  ASSERT_THAT(other, IsOk());
  EXPECT_THAT((*other)->Run({}, Fetches{"read"}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("v (initializer init)")));
}

// R4.23, and all of them at once.
TEST(SessionTest, UninitializedVariablesAreAllNamed) {
  Machine m(R"(
    a = VariableV2() dtype=float32 shape=[]
    b = VariableV2() dtype=float32 shape=[]
    c = Const() dtype=float32 value=float32[]:1
    a_init = Assign(a, c)
    b_init = Assign(b, c)
    sum = AddV2(a, b)
  )");
  EXPECT_THAT(m.session->Run({}, Fetches{"sum"}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("a (initializer a_init), "
                                 "b (initializer b_init)")));
  ASSERT_THAT(m.Run("a_init"), IsOk());
  ASSERT_THAT(m.Run("b_init"), IsOk());
  EXPECT_EQ(m.Fetch("sum"), "float32[]: 2");
}

// The initializer that is named is looked for in the user's graph, where others
// may be adding nodes: until they let go of the lock.
TEST(SessionTest, InitializersAreLookedForUnderTheGraphsLock) {
  for (int round = 0; round < 20; ++round) {
    Machine m(R"(
      one = Const() dtype=float32 value=float32[]:1
      v = VarHandleOp() dtype=float32 shape=[]
      read = ReadVariableOp(v) dtype=float32
    )");
    auto callable = m.session->MakeCallable({}, Fetches{"read"});
    ASSERT_THAT(callable, IsOk());
    std::vector<Tensor> results;
    ASSERT_THAT(callable->Run({}, &results),
                StatusIs(absl::StatusCode::kFailedPrecondition));
    std::atomic<bool> begun = false;
    std::thread run;
    {
      std::lock_guard lock(m.graph.mutex());
      run = std::thread([&] {
        begun = true;
        EXPECT_THAT(callable->Run({}, &results),
                    StatusIs(absl::StatusCode::kFailedPrecondition,
                             HasSubstr("v (initializer init)")));
      });
      while (!begun) std::this_thread::yield();
      for (int i = 0; i < 100; ++i) std::this_thread::yield();
      EXPECT_THAT(AddNodes(m.graph, "init = AssignVariableOp(v, one)"), IsOk());
    }
    run.join();
  }
}

// R4.3, R1.41
TEST(SessionTest, NodesAddedLaterAreSeenAndOldOnesAreFixed) {
  Machine m(kAddition);
  const Tensor x = Tensor::Of<float>({1});
  EXPECT_EQ(m.Fetch("product", {{"x", x}}), "float32[1]: 2");
  ASSERT_THAT(AddNodes(m.graph, "neg = Neg(product)"), IsOk());
  EXPECT_EQ(m.Fetch("neg", {{"x", x}}), "float32[1]: -2");
  EXPECT_THAT(m.graph.SetAttr(m.graph.FindNode("product"), "_x", 1),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("a session has compiled this node")));
}

TEST(SessionTest, ACallableReusesItsResults) {
  Machine m(kAddition, {.threads = 0});
  auto callable = m.session->MakeCallable({"x"}, Fetches{"sum"});
  ASSERT_THAT(callable, IsOk());
  std::vector<Tensor> results;
  const std::vector<Tensor> feeds = {Tensor::Of<float>({1, 2})};
  ASSERT_THAT(callable->Run(feeds, &results), IsOk());
  const void* memory = results[0].data();
  ASSERT_THAT(callable->Run(feeds, &results), IsOk());
  EXPECT_EQ(results[0].data(), memory);
  EXPECT_EQ(results[0].ToString(), "float32[2]: 3 6");
  // A result that somebody keeps is left alone.
  const Tensor kept = results[0];
  ASSERT_THAT(callable->Run(feeds, &results), IsOk());
  EXPECT_NE(results[0].data(), memory);
}

TEST(SessionTest, ShapesThatOnlyTheRunKnows) {
  Machine m(R"(
    x = Placeholder() dtype=bool shape=[?]
    at = Where(x) T=bool
    three = Const() dtype=int64 value=int64[]:3
    y = Mul(at, three)
  )");
  EXPECT_EQ(m.Fetch("y", {{"x", *ParseTensor("bool[4]:true,false,true,true")}}),
            "int64[3,1]: 0 6 9");
  EXPECT_EQ(m.Fetch("y", {{"x", *ParseTensor("bool[2]:false,false")}}),
            "int64[0,1]:");
}

TEST(SessionTest, ManyShapesShareOneDynamicPlan) {
  Machine m(kAddition);
  for (int n = 1; n <= 30; ++n) {
    Tensor x(kFloat32, {n});
    for (float& f : x.flat<float>()) f = static_cast<float>(n);
    auto sum = m.session->Run({{"x", x}}, Fetches{"sum"});
    ASSERT_THAT(sum, IsOk());
    EXPECT_EQ((*sum)[0].shape(), Shape{n});
    EXPECT_EQ((*sum)[0].flat<float>()[n - 1], 3.f * n);
  }
  const Session::Report report = m.session->report();
  EXPECT_EQ(report.plans, Session::kMaxPlans);
  EXPECT_EQ(report.dynamic_plans, 1);
}

TEST(SessionTest, LogicalCpusHaveTheirOwnMemoryAndCopies) {
  Machine m(R"(
    x = Placeholder() dtype=float32 shape=[2]
    a = Neg(x) @/device:CPU:0
    b = Neg(a) @/device:CPU:1
    c = AddV2(a, b) @/device:CPU:0
  )",
            {.device_count = {{"CPU", 2}}});
  EXPECT_EQ(m.Fetch("c", {{"x", Tensor::Of<float>({1, 2})}}),
            "float32[2]: 0 0");
  auto plan = m.session->DescribePlan({{"x", Shape{2}}}, Fetches{"c"});
  ASSERT_THAT(plan, IsOk());
  EXPECT_THAT(*plan, HasSubstr("copy _Copy a/_copy_0_to_1 @CPU:1"));
}

TEST(SessionTest, AnErrorNamesTheNodeAndTheSessionGoesOn) {
  Machine m(R"(
    x = Placeholder() dtype=int32 shape=[]
    one = Const() dtype=int32 value=int32[]:1
    quotient = FloorDiv(one, x)
  )");
  EXPECT_THAT(
      m.session->Run({{"x", Tensor::Scalar<int32_t>(0)}}, Fetches{"quotient"}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("quotient")));
  EXPECT_EQ(m.Fetch("quotient", {{"x", Tensor::Scalar<int32_t>(1)}}),
            "int32[]: 1");
}

TEST(SessionTest, ACancelledRunStopsAndTheSessionGoesOn) {
  Machine m(kAddition);
  const Feeds feeds = {{"x", Tensor::Of<float>({1})}};
  const std::atomic<bool> cancelled = true;
  EXPECT_THAT(
      m.session->Run(feeds, Fetches{"sum"}, {}, {.cancelled = &cancelled}),
      StatusIs(absl::StatusCode::kCancelled, HasSubstr("cancelled at")));
  EXPECT_EQ(m.Fetch("sum", feeds), "float32[1]: 3");
}

TEST(SessionTest, ConcurrentRunsOfOnePlanDoNotMeet) {
  Machine m(kAddition, {.threads = 2});
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 1; t <= 4; ++t) {
    threads.emplace_back([&, t] {
      const Tensor x = Tensor::Of<float>({1.f * t, 2.f * t});
      for (int i = 0; i < 200; ++i) {
        auto r = m.session->Run({{"x", x}}, Fetches{"sum"});
        if (!r.ok() || (*r)[0].flat<float>()[1] != 6.f * t) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(SessionTest, AnEmptyRunRunsNothing) {
  Machine m(kAddition);
  EXPECT_THAT(m.session->Run({}, Fetches{}), IsOk());
}

}  // namespace
}  // namespace trellis
