// Training and reading at once on one session: each run sees the variables as
// some whole number of updates left them.
#include <atomic>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "trellis/tests/graph_text.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

using testing::AddNodes;
using testing::IsOk;

// Two variables that every update moves together: u = 2 v at all times.
constexpr char kPair[] = R"(
    one = Const() dtype=float32 value=float32[1000]:1
    two = Const() dtype=float32 value=float32[1000]:2
    u = VAR() dtype=float32 shape=[1000]
    v = VAR() dtype=float32 shape=[1000]
    u_init = SET(u, two)
    v_init = SET(v, one)
    init = NoOp(^u_init, ^v_init)
    ru = READ(u)
    rv = READ(v)
    twice = AddV2(rv, rv)
    difference = Sub(ru, twice)
    axis = Const() dtype=int32 value=int32[1]:0
    square = Square(difference)
    error = Sum(square, axis)
    du = ADD(u, two)
    dv = ADD(v, one)
    train = NoOp(^du, ^dv)
)";

std::string Program(bool reference) {
  std::string text = kPair;
  const std::vector<std::pair<std::string, std::string>> words =
      reference
          ? std::vector<
                std::pair<std::string, std::string>>{{"VAR()", "VariableV2()"},
                                                     {"SET(", "Assign("},
                                                     {"READ(u)", "Identity(u)"},
                                                     {"READ(v)", "Identity(v)"},
                                                     {"ADD(", "AssignAdd("}}
          : std::vector<std::pair<std::string, std::string>>{
                {"VAR()", "VarHandleOp()"},
                {"SET(", "AssignVariableOp("},
                {"READ(u)", "ReadVariableOp(u) dtype=float32"},
                {"READ(v)", "ReadVariableOp(v) dtype=float32"},
                {"ADD(", "AssignAddVariableOp("}};
  for (const auto& [from, to] : words) {
    for (size_t at; (at = text.find(from)) != std::string::npos;) {
      text.replace(at, from.size(), to);
    }
  }
  return text;
}

class ConcurrentTrainingTest : public ::testing::TestWithParam<bool> {};

TEST_P(ConcurrentTrainingTest, ReadersSeeWholeUpdatesAndNoneIsLost) {
  constexpr int kTrainers = 4, kReaders = 4, kRuns = 100;
  Graph graph(Builtin().ops);
  ASSERT_THAT(AddNodes(graph, Program(GetParam())), IsOk());
  auto made = NewSession(graph, {.threads = 2});
  ASSERT_THAT(made, IsOk());
  const Session& session = **made;
  ASSERT_THAT(session.Run({}, Fetches{}, {"init"}), IsOk());

  std::atomic<int> failed = 0, torn = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kTrainers; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kRuns; ++i) {
        if (!session.Run({}, Fetches{}, {"train"}).ok()) ++failed;
      }
    });
  }
  for (int t = 0; t < kReaders; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kRuns; ++i) {
        const auto error = session.Run({}, Fetches{"error"});
        if (!error.ok()) {
          ++failed;
        } else if ((*error)[0].scalar<float>() != 0) {
          ++torn;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(torn, 0);
  const auto last = session.Run({}, Fetches{"rv"});
  ASSERT_THAT(last, IsOk());
  EXPECT_EQ((*last)[0].flat<float>()[999], 1 + kTrainers * kRuns);
}

INSTANTIATE_TEST_SUITE_P(Variables, ConcurrentTrainingTest, ::testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "Reference" : "Resource";
                         });

}  // namespace
}  // namespace trellis
