// Graphs as text, for tests:
//
//   AddNodes(graph, R"(
//     x = Placeholder() dtype=float32 shape=[2]
//     c = Const() dtype=float32 value=float32[2]:1,2
//     y = AddV2(x, c, ^init) @/device:CPU:1
//   )");
//
// One node a line: name, op, inputs ("node", "node:1", "^control"), then
// attributes (int, float, true/false, "text", a dtype, a shape, or a tensor as
// dtype shape ":" elements) and a device behind "@".
#ifndef TRELLIS_TESTS_GRAPH_TEXT_H_
#define TRELLIS_TESTS_GRAPH_TEXT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/graph.h"

namespace trellis::testing {

// Adds the nodes in order. InvalidArgument with the line that is wrong, or what
// the graph says.
absl::Status AddNodes(Graph& graph, absl::string_view text);

// "float32[2]:1,2"; dtypes float32, float64, int32, int64, bool.
absl::StatusOr<Tensor> ParseTensor(absl::string_view text);

// In order of ids.
std::vector<std::string> NodeNames(const Graph& graph);

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_GRAPH_TEXT_H_
