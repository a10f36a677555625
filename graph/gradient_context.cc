#include "trellis/graph/gradient_context.h"

#include "absl/strings/str_cat.h"
#include "trellis/graph/op_builder.h"
#include "trellis/graph/zeros.h"

namespace trellis {
namespace {

// The name of the argument that the input at `position` belongs to, as literals
// are named: "x", or "values_2" of a list. At most one argument is a list.
std::string ArgumentName(const OpSchema& schema, size_t num_inputs,
                         size_t position) {
  size_t first = 0;
  for (const ArgSchema& arg : schema.inputs) {
    const AttrSchema* type = schema.FindAttr(arg.type);
    const bool list =
        !arg.number.empty() || (type != nullptr && type->kind == "list(type)");
    const size_t length =
        list ? num_inputs + 1 - schema.inputs.size() : size_t{1};
    if (position < first + length) {
      return list ? absl::StrCat(arg.name, "_", position - first) : arg.name;
    }
    first += length;
  }
  return absl::StrCat("input_", position);
}

}  // namespace

GradientContext::GradientContext(Scope scope, Node& node,
                                 absl::Span<const Gradient> output_grads,
                                 SourceLocation location)
    : scope_(std::move(scope)),
      node_(node),
      output_grads_(output_grads),
      location_(location),
      input_grads_(node.num_inputs()) {
  for (const Gradient& grad : output_grads_) {
    has_slices_ = has_slices_ || grad.slices() != nullptr;
  }
}

const IndexedSlices* GradientContext::SlicesOf(Output output) const {
  if (!has_slices_) return nullptr;
  for (const Gradient& grad : output_grads_) {
    if (grad.slices() != nullptr && grad.output() == output) {
      return grad.slices();
    }
  }
  return nullptr;
}

Node* GradientContext::EmitNode(absl::string_view op,
                                absl::Span<const Input> inputs, AttrMap attrs,
                                absl::string_view name) {
  const auto slices_of = [this](const Input& input) {
    return input.output() == nullptr ? nullptr : SlicesOf(*input.output());
  };
  bool dense = true;
  for (const Input& input : inputs) {
    dense = dense && slices_of(input) == nullptr;
  }
  const OpSchema* schema = scope_.graph().ops().Find(op);
  if (dense || schema == nullptr) {
    return trellis::EmitNode(scope_, op, inputs, std::move(attrs), name,
                             location_);
  }
  const Scope below = scope_.NameScope(name.empty() ? op : name);
  std::vector<Input> arguments(inputs.begin(), inputs.end());
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (const IndexedSlices* slices = slices_of(inputs[i])) {
      arguments[i] = Densify(
          below, *slices, ArgumentName(*schema, inputs.size(), i), location_);
    }
  }
  return trellis::EmitNode(below, op, arguments, std::move(attrs), below.path(),
                           location_);
}

Output GradientContext::Emit(absl::string_view op,
                             std::initializer_list<Input> inputs, AttrMap attrs,
                             absl::string_view name) {
  return EmitNode(op, absl::MakeSpan(inputs.begin(), inputs.size()),
                  std::move(attrs), name)
      ->output();
}

Output GradientContext::Constant(Tensor value, absl::string_view name) {
  return trellis::Constant(scope_, std::move(value), name, location_);
}

Output GradientContext::ShapeOf(Output x, absl::string_view name) {
  return trellis::ShapeOf(scope_, x, name, location_);
}

Output GradientContext::ZerosLike(Output x, absl::string_view name) {
  return trellis::ZerosLike(scope_, x, name, location_);
}

GradientContext::ScopeChange GradientContext::WaitFor(Output output) {
  return ScopeChange(*this, scope_.WithControlDependencies({output}));
}

GradientContext::ScopeChange GradientContext::NameScope(
    absl::string_view name) {
  return ScopeChange(*this, scope_.NameScope(name));
}

GradientContext::ScopeChange GradientContext::ColocateWith(Output output) {
  return ScopeChange(*this, scope_.ColocateWith(output));
}

void GradientContext::Set(int i, Gradient grad) {
  if (i < 0 || i >= num_inputs()) {
    if (status_.ok()) {
      status_ = absl::InvalidArgumentError(absl::StrCat(
          "the gradient function of ", node_.op(),
          " gives a gradient to input ", i, " of ", node_.DebugName(),
          ", which has ", num_inputs(), " inputs"));
    }
    return;
  }
  input_grads_[i] = std::move(grad);
}

void GradientContext::set_input_grad(int i, Output grad) {
  const IndexedSlices* slices = SlicesOf(grad);
  Set(i, slices == nullptr ? Gradient(grad) : Gradient(*slices));
}

void GradientContext::set_input_grad_slices(int i, IndexedSlices grad) {
  Set(i, Gradient(grad));
}

absl::Status GradientContext::status() const {
  return status_.ok() ? scope_.status() : status_;
}

}  // namespace trellis
