#include "trellis/graph/saver_nodes.h"

#include <iostream>

#include "absl/strings/str_cat.h"
#include "trellis/graph/collections.h"
#include "trellis/graph/variable_store.h"
#include "trellis/tests/op_testing.h"
#include "trellis/tests/saver_goldens.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using testing::AllOps;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using testing::Json;
using testing::StatusIs;

SaverNodesOptions OptionsOf(const Json& golden) {
  const Json& options = golden["options"];
  SaverNodesOptions result = {.name = options["name"].string(),
                              .sharded = options["sharded"].boolean(),
                              .reshape = options["reshape"].boolean()};
  if (options["filename"].is_string()) {
    result.filename = options["filename"].string();
  }
  return result;
}

// R9.1 - R9.8
TEST(SaverNodesTest, AreTensorFlowsNodeForNode) {
  const std::vector<Json> goldens = testing::SaverGoldens("saver");
  if (goldens.empty()) GTEST_SKIP() << "no test data";
  int compared = 0;
  for (const Json& golden : goldens) {
    SCOPED_TRACE(golden["name"].string());
    // No V1 files are written, and no savers of nothing are made.
    if (golden["options"]["write_version"].number() == 1 ||
        golden["options"]["allow_empty"].boolean()) {
      continue;
    }
    const auto graph = testing::GraphBeforeSaver(golden);
    if (graph == nullptr) continue;
    const int before = graph->id_limit();
    const SaverNodes nodes =
        AddSaverNodes(graph->root(), testing::VariablesToSave(golden, *graph),
                      OptionsOf(golden));
    EXPECT_THAT(graph->status(), testing::IsOk());
    if (!graph->status().ok()) continue;

    std::vector<std::string> expected, found;
    for (const Json& node : golden["nodes"].array()) {
      expected.push_back(testing::SaverNodeLine(node));
    }
    for (int id = before; id < graph->id_limit(); ++id) {
      found.push_back(testing::SaverNodeLine(*graph->node(id)));
    }
    EXPECT_THAT(found, ElementsAreArray(expected));
    const std::string& def = golden["saver_def"].string();
    EXPECT_THAT(def, HasSubstr(absl::StrCat("filename_tensor_name: \"",
                                            nodes.filename_tensor.name())));
    EXPECT_THAT(def, HasSubstr(absl::StrCat("save_tensor_name: \"",
                                            nodes.save_tensor.name())));
    EXPECT_THAT(def, HasSubstr(absl::StrCat("restore_op_name: \"",
                                            nodes.restore_op->name(), "\"")));
    ++compared;
  }
  EXPECT_EQ(compared, 19);
}

class SaverNodesErrorTest : public ::testing::Test {
 protected:
  Variable NewVariable(const std::string& name) {
    return GetVariable(graph_.root(), name, {2}, {.dtype = kFloat32});
  }
  Graph graph_{AllOps()};
};

// R9.2
TEST_F(SaverNodesErrorTest, NothingToSave) {
  const SaverNodes nodes = AddSaverNodes(graph_.root());
  EXPECT_EQ(nodes.restore_op, graph_.error_node());
  EXPECT_THAT(graph_.status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("saver_nodes_test.cc")));
}

// R9.4
TEST_F(SaverNodesErrorTest, OneNameForTwo) {
  const Variable a = NewVariable("a"), b = NewVariable("b");
  AddSaverNodes(graph_.root(), {{a}, {b, "a"}});
  EXPECT_THAT(graph_.status(), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("a and b are both to be")));
}

TEST_F(SaverNodesErrorTest, OneVariableTwice) {
  const Variable a = NewVariable("a");
  AddSaverNodes(graph_.root(), {{a}, {a, "again"}});
  EXPECT_THAT(graph_.status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("twice")));
}

}  // namespace
}  // namespace trellis
