#include "trellis/graph/graph_def_functions.h"

#include <mutex>

#include "trellis/graph/graph_def_extras.h"
#include "trellis/proto/function.pb.h"

namespace trellis {

std::map<std::string, int64_t> CountFunctionOps(const Graph& graph) {
  std::lock_guard lock(graph.mutex());
  std::map<std::string, int64_t> ops;
  const auto* extras = graph.FindAttached<GraphDefExtras>();
  proto::FunctionDefLibrary library;
  if (extras == nullptr || !extras->library.has_value() ||
      !library.ParseFromString(*extras->library)) {
    return ops;
  }
  for (const proto::FunctionDef& function : library.function()) {
    for (const proto::NodeDef& node : function.node_def()) ++ops[node.op()];
  }
  return ops;
}

}  // namespace trellis
