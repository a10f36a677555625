#include "trellis/tests/graph_inputs.h"

#include "trellis/base/check.h"

namespace trellis::testing {
namespace {

Output AddSource(Graph& graph, absl::string_view op, AttrMap attrs, DType dtype,
                 const Shape& shape) {
  absl::StatusOr<Node*> node =
      graph.TryAddNode({.name = graph.UniqueName("input"),
                        .op = std::string(op),
                        .attrs = std::move(attrs)});
  TRELLIS_CHECK(node.ok()) << node.status().ToString();
  const Output output{*node, 0};
  if ((*node)->schema() == nullptr) {
    TRELLIS_CHECK(graph.SetOutputDType(output, dtype).ok());
    TRELLIS_CHECK(graph.SetOutputShape(output, shape).ok());
  }
  return output;
}

}  // namespace

Output AddInput(Graph& graph, DType dtype, const Shape& shape) {
  return AddSource(graph, "TestInput", {}, dtype, shape);
}

Output AddConstant(Graph& graph, const Tensor& value) {
  return AddSource(graph, "Const", {{"dtype", value.dtype()}, {"value", value}},
                   value.dtype(), value.shape());
}

}  // namespace trellis::testing
