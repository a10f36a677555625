// Random graphs of a few ops over [rows, columns] tensors, for laws that must
// hold for any graph.
#ifndef TRELLIS_TESTS_LAWS_RANDOM_GRAPH_H_
#define TRELLIS_TESTS_LAWS_RANDOM_GRAPH_H_

#include <cstdint>
#include <vector>

#include "trellis/graph/graph.h"
#include "trellis/runtime/session.h"

namespace trellis::testing {

// What AddRandomNodes made: how to run it.
struct RandomGraph {
  Feeds feeds;
  Fetches fetches;
  // Variables: what initializes and what updates them.
  Targets initializers;
  Targets updates;
};

// `nodes` computing nodes: element-wise, broadcasting, reductions, matrix
// products, shape arithmetic, views, and variables that are read and updated.
// The same for the same seed. REQUIRES: the graph knows the built-in ops.
RandomGraph AddRandomNodes(Graph& graph, uint32_t seed, int nodes);

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_LAWS_RANDOM_GRAPH_H_
