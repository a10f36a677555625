// Graphs from and to GraphDef, TensorFlow's file format of graphs, binary
// (.pb) and text (.pbtxt).
//
//   auto graph = ImportGraphDef(bytes, ops);              // a graph of its own
//   auto import = ImportGraphDef(bytes, *graph, {.prefix = "tower"});
//   auto bytes = ExportGraphDef(*graph);
//
// Nothing is lost on the way. Operations that the registry does not know become
// nodes without a schema: they can be looked at, changed and written back, and
// are refused only when they should run. What Graph has no field for (the
// function library, debug information, fields of newer TensorFlows) stays
// attached to the graph and is written again. What does change:
//   - nodes come in the order of creation: a node after its inputs, otherwise
//     in the order of the file
//   - input "a:0" is written "a"; control inputs come once
//   - tensors are written in one form (tensor_proto.h)
//   - an attribute with nothing set is an empty list where the op has a list
//   - of a map entry that text gives twice the last value
// Text holds no unknown fields.
//
// These functions hold no state; a call is as thread-safe as building the graph
// it is given.
#ifndef TRELLIS_GRAPH_GRAPH_DEF_H_
#define TRELLIS_GRAPH_GRAPH_DEF_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/graph.h"

namespace trellis {

// The version of the format that we read: TensorFlow 1.15's.
inline constexpr int kGraphDefVersion = 134;

struct ImportOptions {
  // Put before every name (R9.30). "x" opens a name scope, "x/" or "x_1/" and
  // so on; "x/" is taken as it is; "" imports at the root, where a name that
  // the graph already has gets a suffix and references to it follow.
  std::string prefix = "";
  // Inputs named like the first ("a", "a:1", "^a") are connected to the second
  // instead (of "^a": to its node). The node of that name is imported all the
  // same. Every key must be used.
  std::vector<std::pair<std::string, Output>> input_map = {};
  // Added to every node.
  std::vector<Node*> control_inputs = {};
  // Names, as the file has them, of what ImportResult is to hold.
  std::vector<std::string> return_tensors = {};  // "a", "a:1"
  std::vector<std::string> return_nodes = {};
  // Of nodes that ask for none.
  std::string default_device = "";
  bool clear_devices = false;
  // Attributes that an op does not declare and that have no leading underscore:
  // from a newer TensorFlow, or an error of the writer. Kept, with a logged
  // warning, or refused.
  bool keep_undeclared_attrs = false;
  // How much memory tensors may take beyond the bytes the file has for them.
  int64_t max_expanded_bytes = int64_t{1} << 30;
};

struct ImportResult {
  std::string prefix;              // "import_1/", or ""
  std::vector<Node*> nodes;        // in the order of the file
  std::vector<Output> tensors;     // of return_tensors
  std::vector<Node*> named_nodes;  // of return_nodes
};

// Adds the nodes of a GraphDef, binary or text, to a graph, which is unchanged
// on error.
//
// Nodes may come in any order; cycles must lead from a NextIteration to a
// Merge. Known operations are checked and their shapes inferred as if they were
// built here; `_output_shapes` refines the result, and describes the outputs of
// unknown operations, which otherwise have as many as are used.
//
// InvalidArgument, naming the node: names that are malformed (R1.7), taken or
// missing; inputs that do not exist; what the op's schema or shape function
// refuses; malformed attributes and tensors; a cycle, naming its nodes; a
// colocation with no node, or in a ring; a malformed or recursive function;
// versions that exclude kGraphDefVersion; unused keys of the input map; bytes
// that are no GraphDef. FailedPrecondition: the graph is finalized.
// The status of a graph that already has an error.
absl::StatusOr<ImportResult> ImportGraphDef(absl::string_view bytes,
                                            Graph& graph,
                                            const ImportOptions& options = {});

// The same into a new graph, whose versions become those of the file.
// `ops` must outlive the graph.
absl::StatusOr<std::unique_ptr<Graph>> ImportGraphDef(
    absl::string_view bytes, const OpRegistry& ops,
    const ImportOptions& options = {});

enum class MessageFormat { kBinary, kText };

// What to do with attributes that have their default.
enum class DefaultAttrs {
  kWrite,    // write all, given or not, as TensorFlow does
  kAsGiven,  // write those that were given
  kStrip,    // leave out all that equal the default
};

struct ExportOptions {
  MessageFormat format = MessageFormat::kBinary;
  DefaultAttrs default_attrs = DefaultAttrs::kWrite;
  bool clear_devices = false;
  // Adds `_output_shapes` to every node.
  bool add_shapes = false;
};

// Equal graphs give equal bytes. The graph's status if that is an error;
// FailedPrecondition if an input is not connected; ResourceExhausted above
// 2 GiB, the most a message can have.
absl::StatusOr<std::string> ExportGraphDef(const Graph& graph,
                                           const ExportOptions& options = {});

}  // namespace trellis

#endif  // TRELLIS_GRAPH_GRAPH_DEF_H_
