#include "trellis/graph/gradients.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/backward_order.h"
#include "trellis/graph/gradient_context.h"
#include "trellis/graph/group.h"
#include "trellis/graph/op_builder.h"
#include "trellis/graph/sum_gradients.h"
#include "trellis/graph/zeros.h"

namespace trellis {
namespace {

using absl::InvalidArgumentError;
using absl::StrCat;

constexpr DTypeSet kRealTypes = kRealNumberTypes;

absl::Status CheckTensors(const Graph& graph, absl::Span<const Output> tensors,
                          absl::string_view what) {
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i]) {
      return InvalidArgumentError(StrCat(what, "[", i, "] is no tensor"));
    }
    if (&tensors[i].node->graph() != &graph) {
      return InvalidArgumentError(StrCat(what, "[", i, "], ", tensors[i].name(),
                                         ", belongs to another graph"));
    }
  }
  return absl::OkStatus();
}

// One call of AddGradients.
class Differentiation {
 public:
  Differentiation(const Scope& caller, std::vector<Output> ys,
                  std::vector<Output> xs, const Scope& scope,
                  const GradientOptions& options, SourceLocation location)
      : caller_(caller),
        scope_(scope),
        options_(options),
        location_(location),
        ys_(std::move(ys)),
        xs_(std::move(xs)),
        order_(scope.graph(), ys_, xs_, options.stop_gradients) {}

  absl::StatusOr<std::vector<Gradient>> Run();

 private:
  Scope PlaceWith(Node* node) const {
    return options_.colocate_with_ops ? scope_.ColocateWith(node) : scope_;
  }
  absl::Status AddInitialGradients();
  absl::StatusOr<Gradient> Ones(const Scope& scope, size_t i);
  absl::StatusOr<Gradient> Given(const Scope& scope, size_t i,
                                 const Gradient& given);
  absl::Status Visit(Node* node);
  absl::StatusOr<GradientFunction> FunctionFor(const Node& node) const;
  Gradient MissingOutputGradient(const Scope& scope, Output output) const;
  void Gate(const Scope& scope, std::vector<Gradient>* gradients) const;
  absl::Status Collect(Node* node, int input, const Gradient& gradient);
  Gradient ResultFor(Output x) const;

  absl::Status Annotate(const absl::Status& status, const Node& node) const;
  std::string PathTo(const Node& node) const;

  const Scope caller_;
  const Scope scope_;  // the gradients' own
  const GradientOptions& options_;
  const SourceLocation location_;
  const std::vector<Output> ys_;
  const std::vector<Output> xs_;
  BackwardOrder order_;
  // The terms of an output's gradient, then, from its visit on, their sum.
  absl::flat_hash_map<Output, std::vector<Gradient>> terms_;
  absl::flat_hash_map<Output, Gradient> sums_;
  // The consumer whose gradient reached a node first.
  absl::flat_hash_map<const Node*, const Node*> reached_from_;
};

absl::StatusOr<std::vector<Gradient>> Differentiation::Run() {
  TRELLIS_RETURN_IF_ERROR(AddInitialGradients());
  while (Node* node = order_.Next()) TRELLIS_RETURN_IF_ERROR(Visit(node));
  if (const Node* node = order_.Unvisited()) {
    return absl::UnimplementedError(
        StrCat(node->DebugName(), ", a ", node->op(),
               ", is part of a loop; gradients of loops are not supported"));
  }
  std::vector<Gradient> results;
  for (Output x : xs_) results.push_back(ResultFor(x));
  TRELLIS_RETURN_IF_ERROR(scope_.status());
  return results;
}

// ---- the gradients of ys (R6.3, R6.11, R6.24, R6.25)

absl::Status Differentiation::AddInitialGradients() {
  // Literals are converted before anything else is made.
  std::vector<Gradient> given(ys_.size());
  for (size_t i = 0; i < options_.grad_ys.size(); ++i) {
    const GivenGradient& g = options_.grad_ys[i];
    if (g.slices() != nullptr) given[i] = *g.slices();
    if (g.dense() != nullptr) {
      given[i] = ToOutput(scope_, *g.dense(), StrCat("grad_y_", i),
                          BaseType(ys_[i].dtype()), location_);
    }
  }
  TRELLIS_RETURN_IF_ERROR(scope_.status());
  for (size_t i = 0; i < ys_.size(); ++i) {
    const Scope scope = PlaceWith(ys_[i].node);
    TRELLIS_ASSIGN_OR_RETURN(Gradient gradient, given[i]
                                                    ? Given(scope, i, given[i])
                                                    : Ones(scope, i));
    terms_[ys_[i]].push_back(std::move(gradient));
  }
  return scope_.status();
}

absl::StatusOr<Gradient> Differentiation::Ones(const Scope& scope, size_t i) {
  const DType dtype = BaseType(ys_[i].dtype());
  if (!kRealTypes.contains(dtype)) {
    return InvalidArgumentError(StrCat("the gradient of ", ys_[i].name(),
                                       " must be given: it is ",
                                       DTypeName(dtype)));
  }
  const Output shape = ShapeOf(scope, ys_[i], "Shape", location_);
  const Output one =
      ToOutput(scope, 1, StrCat("grad_ys_", i), dtype, location_);
  return Gradient(Emit(scope, "Fill", {shape, one}, {}, "", location_));
}

absl::StatusOr<Gradient> Differentiation::Given(const Scope& scope, size_t i,
                                                const Gradient& given) {
  const DType y = BaseType(ys_[i].dtype());
  const DType g = BaseType(given.output().dtype());
  const bool fits = kRealTypes.contains(y)      ? kRealTypes.contains(g)
                    : kComplexTypes.contains(y) ? kComplexTypes.contains(g)
                    : y == kResource            ? g != kResource
                                                : y == kVariant && g == y;
  if (!fits) {
    return InvalidArgumentError(
        StrCat("a gradient of type ", DTypeName(g), ", ", given.output().name(),
               ", is given to ", ys_[i].name(), " of type ", DTypeName(y)));
  }
  const auto identity = [&](Output value, absl::string_view suffix) {
    return value ? Emit(scope, "Identity", {value}, {},
                        StrCat("grad_ys_", i, suffix), location_)
                 : Output();
  };
  if (given.slices() == nullptr) return Gradient(identity(given.output(), ""));
  IndexedSlices copy;
  copy.indices = identity(given.slices()->indices, "_indices");
  copy.values = identity(given.slices()->values, "_values");
  copy.dense_shape = identity(given.slices()->dense_shape, "_shape");
  return Gradient(copy);
}

// ---- one node (R6.6)

absl::Status Differentiation::Visit(Node* node) {
  const Scope scope = PlaceWith(node);
  std::vector<Gradient> output_grads;
  bool any = false;
  for (int i = 0; i < node->num_outputs(); ++i) {
    const auto terms = terms_.find(node->output(i));
    output_grads.push_back(terms == terms_.end()
                               ? Gradient()
                               : SumGradients(scope, *node, terms->second,
                                              options_.aggregation, location_));
    if (output_grads.back()) {
      any = true;
      sums_[node->output(i)] = output_grads.back();
    }
  }
  TRELLIS_RETURN_IF_ERROR(scope_.status());
  if (!any || order_.IsStop(*node)) return absl::OkStatus();
  TRELLIS_ASSIGN_OR_RETURN(const GradientFunction function, FunctionFor(*node));
  if (function == nullptr) return absl::OkStatus();

  for (int i = 0; i < node->num_outputs(); ++i) {
    if (!output_grads[i]) {
      output_grads[i] = MissingOutputGradient(scope, node->output(i));
    }
  }
  GradientContext context(scope.NameScope(StrCat(node->name(), "_grad")), *node,
                          output_grads, location_);
  absl::Status status = function(context);
  status.Update(context.status());
  if (!status.ok()) return Annotate(status, *node);
  std::vector<Gradient> input_grads = context.input_grads();
  if (options_.gate) Gate(context.scope(), &input_grads);
  for (int i = 0; i < node->num_inputs(); ++i) {
    if (!input_grads[i]) continue;
    TRELLIS_RETURN_IF_ERROR(Collect(node, i, input_grads[i]));
  }
  return scope_.status();
}

// nullptr for nodes that pass nothing back (R6.18).
absl::StatusOr<GradientFunction> Differentiation::FunctionFor(
    const Node& node) const {
  if (node.num_inputs() == 0) return nullptr;
  const OpSchema* schema = node.schema();
  std::string op = node.op();
  if (const AttrValue* other = node.FindAttr("_gradient_op_type")) {
    if (other->s() != nullptr) {
      op = *other->s();
      schema = scope_.graph().ops().Find(op);
    }
  }
  if (schema != nullptr) return schema->gradient;
  return absl::UnimplementedError(
      StrCat("no gradient is known for the operation ", op, " of ",
             node.DebugName(), PathTo(node)));
}

// Zeros where a gradient function may expect a gradient, else none.
Gradient Differentiation::MissingOutputGradient(const Scope& scope,
                                                Output output) const {
  if (!IsTrainable(output.dtype())) return {};
  if (BaseType(output.dtype()) != kResource) {
    return Emit(scope, "ZerosLike", {output}, {}, "zeros_like", location_);
  }
  if (scope.graph().FindHandle(output) == nullptr) return {};
  return ZerosLikeVariable(scope, output, location_);
}

void Differentiation::Gate(const Scope& scope,
                           std::vector<Gradient>* gradients) const {
  std::vector<Output> values;
  int count = 0;
  for (const Gradient& gradient : *gradients) {
    values.push_back(gradient.output());
    if (gradient) ++count;
  }
  if (count < 2) return;
  values = Tuple(scope.WithoutDevice().WithoutColocation(), values, {}, "tuple",
                 location_);
  for (size_t i = 0; i < values.size(); ++i) {
    Gradient& gradient = (*gradients)[i];
    if (gradient.slices() == nullptr) {
      gradient = values[i];
    } else {
      IndexedSlices gated = *gradient.slices();
      gated.values = values[i];
      gradient = gated;
    }
  }
}

absl::Status Differentiation::Collect(Node* node, int input,
                                      const Gradient& gradient) {
  const Output t = node->input(input);
  const DType dtype = BaseType(t.dtype());
  const Output g = gradient.output();
  if (dtype != kResource && g.dtype() != dtype) {
    return Annotate(
        InvalidArgumentError(StrCat("the gradient of input ", input, ", ",
                                    t.name(), ", is ", DTypeName(g.dtype()),
                                    ", must be ", DTypeName(dtype))),
        *node);
  }
  if (dtype != kResource && gradient.slices() == nullptr) {
    const absl::StatusOr<Shape> shape = MergeShapes(g.shape(), t.shape());
    if (!shape.ok()) {
      return Annotate(
          InvalidArgumentError(StrCat(
              "the gradient of input ", input, ", ", t.name(), ", has shape ",
              g.shape().ToString(), ", the input has ", t.shape().ToString())),
          *node);
    }
    if (!(*shape == g.shape())) {
      // A node that a session has compiled keeps what it knew.
      scope_.graph().SetOutputShape(g, *shape).IgnoreError();
    }
  }
  terms_[t].push_back(gradient);
  reached_from_.emplace(t.node, node);
  return absl::OkStatus();
}

// ---- results (R6.8)

Gradient Differentiation::ResultFor(Output x) const {
  const auto sum = sums_.find(x);
  if (sum != sums_.end()) return sum->second;
  if (options_.unconnected == Unconnected::kNone) return {};
  if (BaseType(x.dtype()) == kResource) {
    return ZerosLikeVariable(caller_, x, location_);
  }
  return ZerosLike(caller_, x, "zeros_like", location_);
}

// ---- errors

absl::Status Differentiation::Annotate(const absl::Status& status,
                                       const Node& node) const {
  return absl::Status(status.code(),
                      StrCat("gradient of ", node.DebugName(), ", ", node.op(),
                             PathTo(node), ": ", status.message()));
}

std::string Differentiation::PathTo(const Node& node) const {
  std::vector<std::string> names;
  const Node* from = &node;
  for (auto at = reached_from_.find(from); at != reached_from_.end();
       at = reached_from_.find(from)) {
    from = at->second;
    names.push_back(from->name());
  }
  if (names.empty()) return "";
  std::reverse(names.begin(), names.end());
  return StrCat(" (reached from ", absl::StrJoin(names, " through "), ")");
}

}  // namespace

absl::StatusOr<std::vector<Gradient>> AddGradients(
    const Scope& scope, const InputList& ys, const GradientTargets& xs,
    const GradientOptions& options, SourceLocation location) {
  Graph& graph = scope.graph();
  std::lock_guard lock(graph.mutex());
  TRELLIS_RETURN_IF_ERROR(graph.status());
  if (!options.grad_ys.empty() && options.grad_ys.size() != ys.size()) {
    return InvalidArgumentError(
        StrCat(ys.size(), " ys, but ", options.grad_ys.size(), " grad_ys"));
  }
  TRELLIS_RETURN_IF_ERROR(CheckTensors(graph, xs.outputs(), "xs"));
  TRELLIS_RETURN_IF_ERROR(
      CheckTensors(graph, options.stop_gradients, "stop_gradients"));

  const Scope inner =
      scope.NameScope(options.name.empty() ? "gradients" : options.name);
  inner.NodeName("uid");  // R6.10: TensorFlow takes this name
  std::vector<Output> outputs;
  for (size_t i = 0; i < ys.size(); ++i) {
    outputs.push_back(
        ToOutput(inner, ys[i], StrCat("y_", i), kInvalid, location));
  }
  TRELLIS_RETURN_IF_ERROR(CheckTensors(graph, outputs, "ys"));
  TRELLIS_RETURN_IF_ERROR(graph.status());
  return Differentiation(scope, std::move(outputs), xs.outputs(), inner,
                         options, location)
      .Run();
}

}  // namespace trellis
