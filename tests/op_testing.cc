#include "trellis/tests/op_testing.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/infer_shapes.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/all.h"
#include "trellis/tests/graph_inputs.h"

namespace trellis::testing {
namespace {

// An int32 vector whose elements are the dimensions of its attribute.
OpSchema KnownElementsOp() {
  return {
      .name = "KnownElements",
      .doc = "Elements of which some are known.",
      .outputs = {{"elements", "int32"}},
      .attrs = {{.name = "elements", .kind = "shape"}},
      .shape =
          [](ShapeContext& c) {
            return c.SetOutput(0, Shape{c.attr<Shape>("elements").rank()});
          },
      .value = [](ShapeContext& c) -> std::optional<PartialValue> {
        const Shape elements = c.attr<Shape>("elements");
        PartialValue value{.shape = {elements.rank()}};
        for (int64_t e : elements.dims()) {
          value.elements.push_back(e < 0 ? std::nullopt : std::optional(e));
        }
        return value;
      },
      .not_differentiable = "integers",
  };
}

const OpRegistry& TestOps() {
  static const OpRegistry* const all = [] {
    auto* ops = new OpRegistry(&AllOps());
    ops->Add(KnownElementsOp());
    return ops;
  }();
  return *all;
}

// The argument that input i belongs to: what is behind the last argument of
// fixed length goes to the list before it.
const ArgSchema& ArgOfInput(const OpSchema& schema, int i, int num_inputs) {
  const int args = static_cast<int>(schema.inputs.size());
  const int spare = num_inputs - args;
  for (int a = 0; a < args; ++a) {
    const bool list = !schema.inputs[a].number.empty();
    if (list && spare >= 0) return schema.inputs[std::clamp(i - spare, a, i)];
    if (a == i) break;
  }
  return schema.inputs[std::min(i, args - 1)];
}

}  // namespace

// One node with inputs made for it.
class OpTest {
 public:
  explicit OpTest(DType preferred) : graph_(TestOps()), preferred_(preferred) {}

  absl::StatusOr<Node*> Build(absl::string_view op,
                              const std::vector<TestInput>& inputs,
                              AttrMap attrs) {
    const OpSchema* schema = graph_.ops().Find(op);
    if (schema == nullptr) {
      return absl::NotFoundError(absl::StrCat("no op ", op));
    }
    NodeSpec spec{.name = std::string(op), .op = std::string(op)};
    // Constants first: what they say of type attributes holds for all.
    AttrMap types = attrs;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const ArgSchema& arg = ArgOfInput(*schema, i, inputs.size());
      if (const auto* tensor = std::get_if<Tensor>(&inputs[i].value_)) {
        types.emplace_back(arg.type, tensor->dtype());
      } else if (std::holds_alternative<Known>(inputs[i].value_)) {
        types.emplace_back(arg.type, kInt32);
      }
    }
    for (size_t i = 0; i < inputs.size(); ++i) {
      const ArgSchema& arg = ArgOfInput(*schema, i, inputs.size());
      TRELLIS_ASSIGN_OR_RETURN(
          const Output input,
          AddTestInput(inputs[i], TypeOf(*schema, arg, types)));
      spec.inputs.push_back(input);
    }
    spec.attrs = std::move(attrs);
    return graph_.TryAddNode(std::move(spec));
  }

 private:
  DType TypeOf(const OpSchema& schema, const ArgSchema& arg,
               const AttrMap& types) const {
    if (const auto fixed = ParseDType(arg.type)) return *fixed;
    for (const auto& [name, value] : types) {
      if (name == arg.type && value.type() != nullptr) return *value.type();
    }
    const AttrSchema& attr = *schema.FindAttr(arg.type);
    if (attr.default_value.is_set()) return *attr.default_value.type();
    if (attr.allowed_types.empty() || attr.allowed_types.contains(preferred_)) {
      return preferred_;
    }
    return attr.allowed_types.types().front();
  }

  absl::StatusOr<Output> AddTestInput(const TestInput& input, DType dtype) {
    if (const auto* tensor = std::get_if<Tensor>(&input.value_)) {
      return AddConstant(graph_, *tensor);
    }
    if (const auto* known = std::get_if<Known>(&input.value_)) {
      TRELLIS_ASSIGN_OR_RETURN(const Shape elements,
                               Shape::Parse(known->elements));
      TRELLIS_ASSIGN_OR_RETURN(
          Node * node, graph_.TryAddNode({.name = graph_.UniqueName("known"),
                                          .op = "KnownElements",
                                          .attrs = {{"elements", elements}}}));
      return node->output();
    }
    TRELLIS_ASSIGN_OR_RETURN(const Shape shape,
                             Shape::Parse(std::get<std::string>(input.value_)));
    return AddInput(graph_, dtype, shape);
  }

  Graph graph_;
  const DType preferred_;
};

const OpRegistry& AllOps() {
  static const OpRegistry* const all = [] {
    auto* ops = new OpRegistry();
    RegisterAllOps(*ops);
    return ops;
  }();
  return *all;
}

absl::StatusOr<std::vector<std::string>> InferShapes(
    absl::string_view op, const std::vector<TestInput>& inputs, AttrMap attrs) {
  OpTest test(kFloat32);
  TRELLIS_ASSIGN_OR_RETURN(const Node* node,
                           test.Build(op, inputs, std::move(attrs)));
  std::vector<std::string> shapes;
  for (int i = 0; i < node->num_outputs(); ++i) {
    shapes.push_back(node->output_shape(i).ToString());
  }
  return shapes;
}

absl::StatusOr<std::string> InferValue(absl::string_view op,
                                       const std::vector<TestInput>& inputs,
                                       AttrMap attrs) {
  OpTest test(kInt32);
  TRELLIS_ASSIGN_OR_RETURN(Node * node,
                           test.Build(op, inputs, std::move(attrs)));
  const std::optional<PartialValue> value = PartialValueOf(node->output());
  if (!value.has_value()) return std::string();
  const std::string elements =
      absl::StrJoin(value->elements, ",", [](std::string* out, const auto& e) {
        absl::StrAppend(out, e.has_value() ? absl::StrCat(*e) : "?");
      });
  return value->shape.rank() == 0 ? elements : absl::StrCat("[", elements, "]");
}

}  // namespace trellis::testing
