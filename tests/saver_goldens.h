// Graphs and checkpoints that TensorFlow's Saver made
// (tf_semantics_goldens/saver.json).
#ifndef TRELLIS_TESTS_SAVER_GOLDENS_H_
#define TRELLIS_TESTS_SAVER_GOLDENS_H_

#include <memory>
#include <string>
#include <vector>

#include "trellis/graph/graph.h"
#include "trellis/graph/saver_nodes.h"
#include "trellis/tests/json.h"

namespace trellis::testing {

// The cases of a kind ("saver", "sequence"); none if there is no test data.
std::vector<Json> SaverGoldens(const std::string& kind);

// The graph of a case before its Saver was made, with its variables known. Null
// after a failed expectation.
std::unique_ptr<Graph> GraphBeforeSaver(const Json& golden);

// What the case's Saver was given.
std::vector<VariableToSave> VariablesToSave(const Json& golden, Graph& graph);

// A node that the case's Saver added as a line, and a node of ours; equal if
// the nodes are. "" for a golden node that is not in the list.
std::string SaverNodeLine(const Json& node);
std::string SaverNodeLine(const Node& node);

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_SAVER_GOLDENS_H_
