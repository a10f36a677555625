#include "trellis/tools/trellis/costs.h"

#include <array>
#include <optional>
#include <utility>

#include "trellis/tools/trellis/saturating.h"

namespace trellis {
namespace {

bool Flag(const Node& node, absl::string_view name) {
  const AttrValue* value = node.FindAttr(name);
  return value != nullptr && value->b() != nullptr && *value->b();
}

std::optional<int64_t> Elements(const Shape& shape) {
  if (!shape.fully_defined()) return std::nullopt;
  return shape.num_elements();
}

std::optional<int64_t> Known(int64_t dim) {
  return dim < 0 ? std::nullopt : std::optional<int64_t>(dim);
}

// Multiply-adds of a node, nullopt if shapes are missing.
using MultiplyAdds = std::optional<int64_t> (*)(const Node& node);

std::optional<int64_t> Product(std::optional<int64_t> a,
                               std::optional<int64_t> b) {
  if (!a.has_value() || !b.has_value()) return std::nullopt;
  return SaturatingMultiply(*a, *b);
}

// Each output element is a sum over the common dimension.
std::optional<int64_t> OfProduct(const Node& node, bool transposed) {
  if (node.num_inputs() < 1 || node.num_outputs() != 1) return std::nullopt;
  const Shape& a = node.input(0).shape();
  if (a.rank() < 2) return std::nullopt;
  return Product(Elements(node.output_shape(0)),
                 Known(a.dim(a.rank() - (transposed ? 2 : 1))));
}

std::optional<int64_t> OfMatMul(const Node& node) {
  return OfProduct(node, Flag(node, "transpose_a"));
}
std::optional<int64_t> OfBatchMatMul(const Node& node) {
  return OfProduct(node, Flag(node, "adj_x"));
}

// Each element of `image`, which the convolution computes or is given the
// gradient of, is a sum over window and input channels.
std::optional<int64_t> OfWindows(const Shape& image, const Shape& filter,
                                 bool depthwise) {
  if (filter.rank() != 4) return std::nullopt;
  const auto window = Product(Known(filter.dim(0)), Known(filter.dim(1)));
  return Product(Elements(image),
                 depthwise ? window : Product(window, Known(filter.dim(2))));
}

std::optional<int64_t> OfConv2D(const Node& node) {
  if (node.num_inputs() < 2 || node.num_outputs() != 1) return std::nullopt;
  return OfWindows(node.output_shape(0), node.input(1).shape(), false);
}
std::optional<int64_t> OfDepthwiseConv2D(const Node& node) {
  if (node.num_inputs() < 2 || node.num_outputs() != 1) return std::nullopt;
  return OfWindows(node.output_shape(0), node.input(1).shape(), true);
}
std::optional<int64_t> OfConv2DInputGradient(const Node& node) {
  if (node.num_inputs() < 3) return std::nullopt;
  return OfWindows(node.input(2).shape(), node.input(1).shape(), false);
}
std::optional<int64_t> OfConv2DFilterGradient(const Node& node) {
  if (node.num_inputs() < 3 || node.num_outputs() != 1) return std::nullopt;
  return OfWindows(node.input(2).shape(), node.output_shape(0), false);
}

constexpr std::array<std::pair<absl::string_view, MultiplyAdds>, 7> kCounted = {
    {{"MatMul", OfMatMul},
     {"BatchMatMul", OfBatchMatMul},
     {"BatchMatMulV2", OfBatchMatMul},
     {"Conv2D", OfConv2D},
     {"DepthwiseConv2dNative", OfDepthwiseConv2D},
     {"Conv2DBackpropInput", OfConv2DInputGradient},
     {"Conv2DBackpropFilter", OfConv2DFilterGradient}}};

MultiplyAdds FindCounted(const Node& node) {
  for (const auto& [op, count] : kCounted) {
    if (op == node.op()) return count;
  }
  return nullptr;
}

// Does a run compute what leaves the node, in memory of its own?
bool IsComputed(const Node& node) {
  const OpSchema* schema = node.schema();
  return schema == nullptr || !(schema->constant || schema->variable ||
                                schema->must_be_fed || schema->view_of >= 0);
}

// Adds one node's cost; false if a shape is missing for it.
bool AddNode(const Node& node, Cost& cost) {
  bool complete = true;
  if (const MultiplyAdds count = FindCounted(node); count != nullptr) {
    const std::optional<int64_t> n = count(node);
    complete = n.has_value();
    cost.flops =
        SaturatingAdd(cost.flops, SaturatingMultiply(2, n.value_or(0)));
  }
  if (!IsComputed(node)) return complete;
  for (int i = 0; i < node.num_outputs(); ++i) {
    const auto n = Elements(node.output_shape(i));
    complete = complete && n.has_value();
    const auto size =
        static_cast<int64_t>(DTypeSize(BaseType(node.output_dtype(i))));
    cost.activation_bytes = SaturatingAdd(
        cost.activation_bytes, SaturatingMultiply(n.value_or(0), size));
  }
  return complete;
}

// The shapes of all outputs, in the order of nodes.
std::vector<Shape> ShapesOf(const Graph& graph) {
  std::vector<Shape> shapes;
  for (const Node* node : graph.nodes()) {
    for (int i = 0; i < node->num_outputs(); ++i) {
      shapes.push_back(node->output_shape(i));
    }
  }
  return shapes;
}

void PutBack(const std::vector<Shape>& shapes, Graph& graph) {
  size_t s = 0;
  for (Node* node : graph.nodes()) {
    for (int i = 0; i < node->num_outputs(); ++i) {
      graph.SetOutputShape(node->output(i), shapes[s++]).IgnoreError();
    }
  }
}

// Sets the batch size in the shapes of the graph. A node whose shape function
// refuses it keeps the shapes that it has.
void SetBatch(Graph& graph, const std::vector<std::pair<Node*, Shape>>& open,
              int64_t batch) {
  for (const auto& [node, declared] : open) {
    Shape shape = declared;
    shape.set_dim(0, batch);
    graph.SetOutputShape(node->output(), shape).IgnoreError();
  }
  for (Node* node : graph.nodes()) {
    if (node->schema() == nullptr || node->num_inputs() == 0) continue;
    graph.InferShapes(node).IgnoreError();
  }
}

}  // namespace

std::vector<Cost> CostsOf(Graph& graph,
                          const absl::flat_hash_set<const Node*>& nodes,
                          absl::Span<const int64_t> batches) {
  std::vector<std::pair<Node*, Shape>> open;
  for (Node* node : graph.nodes()) {
    if (node->schema() == nullptr || !node->schema()->must_be_fed) continue;
    const Shape& shape = node->output_shape(0);
    if (shape.rank() >= 1 && shape.dim(0) < 0) open.push_back({node, shape});
  }
  const std::vector<Shape> shapes = ShapesOf(graph);
  std::vector<Cost> costs;
  for (int64_t batch : batches) {
    SetBatch(graph, open, batch);
    Cost cost = {.batch = batch};
    for (const Node* node : graph.nodes()) {
      if (nodes.contains(node) && !AddNode(*node, cost)) {
        ++cost.nodes_without_shape;
      }
    }
    costs.push_back(cost);
  }
  PutBack(shapes, graph);
  return costs;
}

}  // namespace trellis
