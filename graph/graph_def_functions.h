// What the functions of a graph's library are made of.
#ifndef TRELLIS_GRAPH_GRAPH_DEF_FUNCTIONS_H_
#define TRELLIS_GRAPH_GRAPH_DEF_FUNCTIONS_H_

#include <cstdint>
#include <map>
#include <string>

#include "trellis/graph/graph.h"

namespace trellis {

// The nodes of all function bodies, counted by op. Empty if the graph has no
// library. Thread-safe.
std::map<std::string, int64_t> CountFunctionOps(const Graph& graph);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_GRAPH_DEF_FUNCTIONS_H_
