// The one total order of a Program's nodes, the same on every machine.
//
// Topological over data and control edges, with writes to one variable in order
// of node ids; among ready nodes
//   1. those that cannot block come before those that can,
//   2. reads of a variable come before writes to it,
//   3. the lower id comes first.
// So what is fetched beside a train op is the value before the update.
#ifndef TRELLIS_RUNTIME_COMPILE_ORDER_H_
#define TRELLIS_RUNTIME_COMPILE_ORDER_H_

#include <vector>

#include "trellis/graph/graph.h"
#include "trellis/runtime/compile/variables.h"

namespace trellis {

// Every node of `graph` once. REQUIRES: ids are a topological order (they are,
// in a Program's copy).
//
// `rank` gives the number by which nodes are compared in rule 3 and writes are
// ordered, by node id; a node that the compiler adds ranks with the one it
// serves. Equal ranks: the lower id first.
std::vector<Node*> Order(const Graph& graph, const VariableTable& variables,
                         const std::vector<int>& rank);

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_COMPILE_ORDER_H_
