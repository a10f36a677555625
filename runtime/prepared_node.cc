#include "trellis/runtime/prepared_node.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/runtime/kernel/prepare_context.h"

namespace trellis {
namespace {

uint64_t Bit(int input) { return uint64_t{1} << std::min(input, 63); }

class FactValues final : public ShapeContext::Values {
 public:
  explicit FactValues(absl::Span<const InputFacts> inputs) : inputs_(inputs) {}

  const Tensor* Exact(int i) override {
    used_ |= Bit(i);
    return inputs_[i].value;
  }
  std::optional<PartialValue> Partial(int i) override {
    used_ |= Bit(i);
    const Tensor* value = inputs_[i].value;
    if (value == nullptr || value->shape().rank() > 1 ||
        (value->dtype() != kInt32 && value->dtype() != kInt64)) {
      return std::nullopt;
    }
    PartialValue partial{.shape = value->shape()};
    for (int64_t v : IntegersOf(*value)) partial.elements.push_back(v);
    return partial;
  }
  const HandleInfo* Handle(int i) override { return inputs_[i].variable; }

  uint64_t used() const { return used_; }

 private:
  const absl::Span<const InputFacts> inputs_;
  uint64_t used_ = 0;
};

std::vector<Shape> ShapesOf(absl::Span<const InputFacts> inputs) {
  std::vector<Shape> shapes;
  shapes.reserve(inputs.size());
  for (const InputFacts& input : inputs) shapes.push_back(input.shape);
  return shapes;
}

Tensor ToTensor(const PartialValue& value, DType dtype) {
  if (!value.fully_known() || (dtype != kInt32 && dtype != kInt64)) return {};
  Tensor tensor(dtype, value.shape);
  for (size_t i = 0; i < value.elements.size(); ++i) {
    if (dtype == kInt32) {
      tensor.flat<int32_t>()[i] = static_cast<int32_t>(*value.elements[i]);
    } else {
      tensor.flat<int64_t>()[i] = *value.elements[i];
    }
  }
  return tensor;
}

}  // namespace

absl::Status AtNode(const Node& node, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(),
                      absl::StrCat(node.DebugName(), ": ", status.message(),
                                   "; node is ", node.Signature()));
}

std::vector<bool> InputMask(const Node& node, const std::vector<int>& args) {
  std::vector<bool> mask(node.num_inputs());
  for (int arg : args) {
    const auto [first, last] = node.InputRange(arg);
    std::fill(mask.begin() + first, mask.begin() + last, true);
  }
  return mask;
}

absl::StatusOr<NodeShapes> InferShapesFrom(
    const Node& node, absl::Span<const InputFacts> inputs) {
  const std::vector<Shape> shapes = ShapesOf(inputs);
  FactValues values(inputs);
  ShapeContext context(node, shapes, values);
  const absl::Status status = node.schema()->shape(context);
  if (!status.ok()) return AtNode(node, status);
  NodeShapes result{.values_used = values.used()};
  result.shapes.assign(context.outputs().begin(), context.outputs().end());
  result.handles.assign(context.output_handles().begin(),
                        context.output_handles().end());
  return result;
}

Tensor ValueFromShapes(const Node& node, absl::Span<const InputFacts> inputs) {
  if (node.schema()->value == nullptr) return {};
  const std::vector<Shape> shapes = ShapesOf(inputs);
  FactValues values(inputs);
  ShapeContext context(node, shapes, values);
  const std::optional<PartialValue> value = node.schema()->value(context);
  if (!value.has_value()) return {};
  return ToTensor(*value, BaseType(node.output_dtype(0)));
}

absl::StatusOr<PreparedNode> PrepareNode(const Node& node,
                                         const KernelEntry& entry,
                                         absl::Span<const InputFacts> inputs,
                                         NodeShapes outputs) {
  PreparedNode prepared;
  prepared.kernel = entry.make();
  prepared.output_shapes = std::move(outputs.shapes);
  prepared.values_used = outputs.values_used;
  std::vector<Shape> shapes;
  std::vector<const Tensor*> values;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const InputFacts& input = inputs[i];
    shapes.push_back(input.variable != nullptr ? input.variable->shape
                                               : input.shape);
    values.push_back(input.value);
  }
  const std::vector<bool> needed = InputMask(node, entry.options.value_inputs);
  for (size_t i = 0; i < needed.size(); ++i) {
    if (needed[i]) prepared.values_used |= Bit(static_cast<int>(i));
  }
  PrepareContext context(node, shapes, prepared.output_shapes, values);
  const absl::Status status = prepared.kernel->Prepare(context);
  if (!status.ok()) return AtNode(node, status);
  prepared.scratch_bytes = context.scratch_bytes();
  return prepared;
}

}  // namespace trellis
