#include "trellis/graph/infer_shapes.h"

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"

namespace trellis {
namespace {

// Longer vectors are no shapes.
constexpr int64_t kMaxPartialElements = 1024;
// How far a value is followed backwards through the graph.
constexpr int kMaxDepth = 16;

// The tensor of a node that is nothing but its attribute: a Const.
const Tensor* LiteralOf(Output output) {
  if (!output || output.node->op() != "Const") return nullptr;
  const AttrValue* value = output.node->FindAttr("value");
  return value == nullptr ? nullptr : value->tensor();
}

std::optional<PartialValue> PartialOf(const Tensor& t) {
  if (t.dtype() != kInt32 && t.dtype() != kInt64) return std::nullopt;
  if (t.shape().rank() > 1 || t.num_elements() > kMaxPartialElements) {
    return std::nullopt;
  }
  PartialValue value{.shape = t.shape()};
  for (int64_t v : IntegersOf(t)) value.elements.push_back(v);
  return value;
}

std::optional<PartialValue> PartialAtDepth(Output output, int depth);

// Values as the graph itself knows them.
class GraphValues final : public ShapeContext::Values {
 public:
  GraphValues(const Node& node, int depth) : node_(node), depth_(depth) {}

  const Tensor* Exact(int i) override { return LiteralOf(node_.input(i)); }
  std::optional<PartialValue> Partial(int i) override {
    return PartialAtDepth(node_.input(i), depth_);
  }
  const HandleInfo* Handle(int i) override {
    const Output input = node_.input(i);
    return input ? node_.graph().FindHandle(input) : nullptr;
  }

 private:
  const Node& node_;
  const int depth_;
};

using ShapeList = absl::InlinedVector<Shape, 4>;

ShapeList InputShapes(const Node& node) {
  ShapeList shapes;
  shapes.reserve(node.num_inputs());
  for (const Output& input : node.inputs()) {
    shapes.push_back(input ? input.shape() : Shape::Unknown());
  }
  return shapes;
}

std::optional<PartialValue> PartialAtDepth(Output output, int depth) {
  if (!output || depth == 0) return std::nullopt;
  if (const Tensor* literal = LiteralOf(output)) return PartialOf(*literal);
  const OpSchema* schema = output.node->schema();
  if (schema == nullptr || schema->value == nullptr || output.index != 0) {
    return std::nullopt;
  }
  const ShapeList shapes = InputShapes(*output.node);
  GraphValues values(*output.node, depth - 1);
  ShapeContext context(*output.node, shapes, values);
  return schema->value(context);
}

}  // namespace

absl::StatusOr<InferredShapes> InferNodeShapes(const Node& node) {
  InferredShapes result;
  if (node.schema() == nullptr) {
    result.shapes.resize(node.num_outputs());
    result.handles.resize(node.num_outputs());
    return result;
  }
  const ShapeList inputs = InputShapes(node);
  GraphValues values(node, kMaxDepth);
  ShapeContext context(node, inputs, values);
  TRELLIS_RETURN_IF_ERROR(node.schema()->shape(context));
  result.shapes = std::move(context).TakeOutputs();
  result.handles = std::move(context).TakeOutputHandles();
  return result;
}

std::optional<PartialValue> PartialValueOf(Output output) {
  return PartialAtDepth(output, kMaxDepth);
}

std::optional<Tensor> ConstantValue(Output output) {
  if (const Tensor* literal = LiteralOf(output)) return *literal;
  const std::optional<PartialValue> partial = PartialValueOf(output);
  if (!partial.has_value() || !partial->fully_known()) return std::nullopt;
  const DType dtype = BaseType(output.dtype());
  Tensor tensor(dtype, partial->shape);
  for (size_t i = 0; i < partial->elements.size(); ++i) {
    if (dtype == kInt32) {
      tensor.flat<int32_t>()[i] = static_cast<int32_t>(*partial->elements[i]);
    } else if (dtype == kInt64) {
      tensor.flat<int64_t>()[i] = *partial->elements[i];
    } else {
      return std::nullopt;
    }
  }
  return tensor;
}

}  // namespace trellis
