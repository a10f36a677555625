// What must not make a difference to the bits of a run: planning, optimizing,
// the number of threads, the number of devices.
#include <cstring>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "trellis/tests/laws/random_graph.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

using testing::AddRandomNodes;
using testing::IsOk;
using testing::RandomGraph;

// The results of three runs, each changing the variables, as bytes.
std::string Results(uint32_t seed, const SessionOptions& options) {
  Graph graph(Builtin().ops);
  const RandomGraph made = AddRandomNodes(graph, seed, 40);
  auto session = NewSession(graph, options);
  EXPECT_THAT(session, IsOk());
  EXPECT_THAT((*session)->Run({}, Fetches{}, made.initializers), IsOk());
  std::string bytes;
  for (int run = 0; run < 3; ++run) {
    const auto results =
        (*session)->Run(made.feeds, made.fetches, made.updates);
    EXPECT_THAT(results, IsOk());
    if (!results.ok()) return "";
    for (const Tensor& t : *results) {
      bytes.append(static_cast<const char*>(t.data()), t.bytes());
    }
  }
  return bytes;
}

class RunLawsTest : public ::testing::TestWithParam<uint32_t> {};

TEST_P(RunLawsTest, PlanningAndOptimizingChangeNothing) {
  const std::string reference =
      Results(GetParam(), {.threads = 0, .optimize = false, .plan = false});
  ASSERT_FALSE(reference.empty());
  EXPECT_EQ(Results(GetParam(), {.threads = 0}), reference);
  EXPECT_EQ(Results(GetParam(), {.threads = 0, .optimize = false}), reference);
  EXPECT_EQ(Results(GetParam(), {.threads = 0, .plan = false}), reference);
}

TEST_P(RunLawsTest, ThreadsChangeNothing) {
  const std::string reference = Results(GetParam(), {.threads = 1});
  for (const int threads : {0, 2, 3, 8}) {
    EXPECT_EQ(Results(GetParam(), {.threads = threads}), reference) << threads;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RunLawsTest, ::testing::Range(0u, 20u));

}  // namespace
}  // namespace trellis
