// Nodes that stand for the inputs of a node under test.
#ifndef TRELLIS_TESTS_GRAPH_INPUTS_H_
#define TRELLIS_TESTS_GRAPH_INPUTS_H_

#include "trellis/graph/graph.h"
#include "trellis/graph/tensor.h"

namespace trellis::testing {

// A tensor of which the graph knows no more than type and shape. The op of its
// node is in no registry.
Output AddInput(Graph& graph, DType dtype, const Shape& shape);

// A Const, whether or not the graph's registry knows it.
Output AddConstant(Graph& graph, const Tensor& value);

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_GRAPH_INPUTS_H_
