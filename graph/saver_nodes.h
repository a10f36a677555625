// The nodes of tf.train.Saver: a graph that has them saves and restores itself,
// in TensorFlow as well as here (R9.1 - R9.8). Programs that use Trellis save
// with Saver (runtime/saver.h), which needs no nodes; these are for graphs that
// are exported.
//
//   save/filename, save/Const              the prefix; feed save/Const:0
//   save/SaveV2, save/control_dependency   fetch the latter to save
//   save/RestoreV2, save/Assign ...        per variable
//   save/restore_all                       run it to restore
//
// Names are TensorFlow's, node for node.
#ifndef TRELLIS_GRAPH_SAVER_NODES_H_
#define TRELLIS_GRAPH_SAVER_NODES_H_

#include <string>
#include <vector>

#include "trellis/graph/graph.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/source_location.h"
#include "trellis/graph/variable.h"

namespace trellis {

// A variable, a partitioned one, or a part of one, and its name in the
// checkpoint; "": its own name, of a part that of the whole (R9.3).
struct VariableToSave {
  Variable variable;
  std::string key = "";
};

struct SaverNodesOptions {
  std::string name = "";  // of the name scope; "" for "save" (R9.5)
  std::string filename = "model";
  // A SaveV2 and a RestoreV2 for each device that has variables, and a merge of
  // what they write (R9.8).
  bool sharded = false;
  // Values of another shape are reshaped if they have as many elements (R9.7).
  bool reshape = false;
};

// What TensorFlow's SaverDef names.
struct SaverNodes {
  Output filename_tensor;
  Output save_tensor;
  Node* restore_op = nullptr;
};

// Adds them to the graph, in `scope`. All parts are the error node if the graph
// has an error, or gets this one: InvalidArgument for no variables (R9.2), for
// a variable that is there twice, or for a name that two have and that are not
// both parts of one variable (R9.4).
SaverNodes AddSaverNodes(
    const Scope& scope, const std::vector<VariableToSave>& variables,
    const SaverNodesOptions& options = {},
    SourceLocation location = std::source_location::current());

// For all GLOBAL_VARIABLES of now.
SaverNodes AddSaverNodes(
    const Scope& scope, const SaverNodesOptions& options = {},
    SourceLocation location = std::source_location::current());

}  // namespace trellis

#endif  // TRELLIS_GRAPH_SAVER_NODES_H_
