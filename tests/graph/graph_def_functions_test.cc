#include "trellis/graph/graph_def_functions.h"

#include "trellis/graph/graph_def.h"
#include "trellis/tests/graph/test_ops.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Pair;

TEST(GraphDefFunctionsTest, CountsTheNodesOfAllBodies) {
  OpRegistry ops;
  testing::RegisterTestOps(ops);
  const auto graph = ImportGraphDef(
      R"(library {
           function { signature { name: 'f' }
                      node_def { name: 'a' op: 'NoOp' }
                      node_def { name: 'b' op: 'Unheard' } }
           function { signature { name: 'g' }
                      node_def { name: 'a' op: 'NoOp' } } })",
      ops);
  ASSERT_THAT(graph, IsOk());
  EXPECT_THAT(CountFunctionOps(**graph),
              ElementsAre(Pair("NoOp", 2), Pair("Unheard", 1)));
  EXPECT_THAT(CountFunctionOps(Graph(ops)), IsEmpty());
}

}  // namespace
}  // namespace trellis
