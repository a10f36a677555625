#include "trellis/graph/make_variable.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/collections.h"
#include "trellis/graph/op_builder.h"

namespace trellis {
namespace {

using absl::InvalidArgumentError;
using absl::StrCat;

// All variables of a graph; the pointers in Variables lead here.
struct OwnedVariables {
  std::vector<std::unique_ptr<VariableInfo>> infos;
  std::unique_ptr<VariableInfo> error;
};

// What is being made, and where.
struct Site {
  const Scope& scope;       // "<name>/"
  const Scope& with_class;  // and every node carries the variable's class
  const VariableOptions& options;
  SourceLocation location;
};

bool IsResource(const Scope& scope, const VariableOptions& options) {
  if (options.use_resource.has_value()) return *options.use_resource;
  return scope.variable_scope().options.use_resource.value_or(
      !scope.graph().options().tf115);
}

absl::StatusOr<Output> MakeInitialValue(const Site& at,
                                        const InitialValue& initial,
                                        bool resource) {
  const VariableOptions& options = at.options;
  Output output;
  if (initial.function == nullptr && !resource) {
    output = ToOutput(at.scope, *initial.value, "initial_value", options.dtype,
                      at.location);
  } else {
    const Scope inside = at.with_class.NameScope("Initializer").WithoutDevice();
    output = ToOutput(
        inside,
        initial.function != nullptr ? initial.function(inside) : *initial.value,
        "initial_value", options.dtype, at.location);
  }
  TRELLIS_RETURN_IF_ERROR(at.scope.status());
  if (!output) return InvalidArgumentError("the initializer made no tensor");
  const DType dtype = BaseType(output.dtype());
  if (options.dtype != kInvalid && dtype != options.dtype) {
    return InvalidArgumentError(StrCat("must be ", DTypeName(options.dtype),
                                       ", the initial value ", output.name(),
                                       " is ", DTypeName(dtype)));
  }
  if (!resource && options.validate_shape && !output.shape().fully_defined()) {
    return InvalidArgumentError(
        StrCat("the initial value ", output.name(), " has the shape ",
               output.shape().ToString(), ", which must be fully defined"));
  }
  return output;
}

void AddReferenceNodes(const Site& at, bool by_function, VariableInfo* v) {
  const Scope& s = at.scope;
  const auto emit = [&](const Scope& scope, absl::string_view op,
                        absl::Span<const Input> inputs, AttrMap attrs,
                        absl::string_view name) {
    return EmitNode(scope, op, inputs, std::move(attrs), name, at.location);
  };
  v->handle =
      emit(by_function ? at.with_class : s, "VariableV2", {},
           {{"dtype", AttrValue(v->dtype)}, {"shape", AttrValue(v->shape)}},
           s.path())
          ->output();
  v->initializer =
      emit(s, "Assign", {v->handle, v->initial_value},
           {{"validate_shape", AttrValue(at.options.validate_shape)}}, "");
  const std::string& cache = at.options.caching_device;
  const Scope read =
      cache.empty() ? s.ColocateWith(v->handle) : s.WithDevice(cache);
  v->snapshot = emit(read, "Identity", {v->handle}, {}, "read")->output();
}

void AddResourceNodes(const Site& at, VariableInfo* v) {
  const Scope& s = at.scope;
  const auto emit = [&](const Scope& scope, absl::string_view op,
                        absl::Span<const Input> inputs, AttrMap attrs,
                        absl::string_view name) {
    return EmitNode(scope, op, inputs, std::move(attrs), name, at.location);
  };
  v->handle = emit(at.with_class, "VarHandleOp", {},
                   {{"dtype", AttrValue(v->dtype)},
                    {"shape", AttrValue(v->shape)},
                    {"shared_name", AttrValue(v->name)}},
                   s.path())
                  ->output();
  const std::string& device = v->handle.node->device();
  const AttrMap dtype = {{"dtype", AttrValue(v->dtype)}};
  emit(s.NameScope("IsInitialized"), "VarIsInitializedOp", {v->handle}, {}, "");
  const Scope assign =
      s.NameScope("Assign").WithoutColocation().WithDevice(device);
  v->initializer = emit(assign, "AssignVariableOp",
                        {v->handle, v->initial_value}, {}, assign.path());
  const Scope read = s.NameScope("Read");
  v->snapshot =
      emit(read.WithDevice(device), "ReadVariableOp", {v->handle}, dtype, "")
          ->output();
  if (!at.options.caching_device.empty()) {
    v->cached = emit(read.WithDevice(at.options.caching_device), "Identity",
                     {v->snapshot}, {}, "")
                    ->output();
  }
}

}  // namespace

absl::StatusOr<Variable> AddVariableNodes(const Scope& scope,
                                          const InitialValue& initial,
                                          const VariableOptions& options,
                                          SourceLocation location) {
  Graph& graph = scope.graph();
  std::lock_guard lock(graph.mutex());
  TRELLIS_RETURN_IF_ERROR(graph.status());
  VariableInfo v;
  v.is_resource = IsResource(scope, options);
  v.trainable = options.trainable;
  v.constraint = options.constraint;
  const Scope base = scope.WithoutControlDependencies();
  v.name = base.NodeName(options.name.empty() ? "Variable" : options.name);
  const Scope inside = base.NameScope(StrCat(v.name, "/"));
  const Scope with_class = inside.WithAttr(
      "_class", std::vector<std::string>{StrCat("loc:@", v.name)});
  const Site at = {inside, with_class, options, location};

  absl::StatusOr<Output> value = MakeInitialValue(at, initial, v.is_resource);
  if (!value.ok()) {
    if (!graph.status().ok()) return value.status();
    const std::string where = location.ToString();
    return absl::Status(value.status().code(),
                        StrCat("variable ", v.name,
                               where.empty() ? "" : StrCat(" (", where, ")"),
                               ": ", value.status().message()));
  }
  v.initial_value = *value;
  v.dtype = BaseType(value->dtype());
  v.shape = options.validate_shape ? value->shape() : Shape::Unknown();
  if (v.is_resource) {
    AddResourceNodes(at, &v);
  } else {
    AddReferenceNodes(at, initial.function != nullptr, &v);
  }
  TRELLIS_RETURN_IF_ERROR(graph.status());
  return AdoptVariable(graph, std::move(v));
}

absl::Status CollectVariable(Variable variable,
                             const VariableOptions& options) {
  std::vector<std::string> keys = options.collections.value_or(
      std::vector<std::string>{std::string(kGlobalVariables)});
  if (options.trainable &&
      std::find(keys.begin(), keys.end(), kTrainableVariables) == keys.end()) {
    keys.push_back(std::string(kTrainableVariables));
  }
  return AddToCollections(variable.graph(), keys, variable);
}

Variable AdoptVariable(Graph& graph, VariableInfo info) {
  std::lock_guard lock(graph.mutex());
  auto& infos = graph.Attached<OwnedVariables>().infos;
  infos.push_back(std::make_unique<VariableInfo>(std::move(info)));
  return Variable(infos.back().get());
}

std::vector<Variable> AllVariables(Graph& graph) {
  std::lock_guard lock(graph.mutex());
  std::vector<Variable> variables;
  for (const auto& info : graph.Attached<OwnedVariables>().infos) {
    if (info->parts.empty()) variables.push_back(Variable(info.get()));
  }
  return variables;
}

Variable ErrorVariable(Graph& graph) {
  std::lock_guard lock(graph.mutex());
  auto& error = graph.Attached<OwnedVariables>().error;
  if (error == nullptr) {
    error = std::make_unique<VariableInfo>();
    error->name = graph.error_node()->name();
    error->handle = error->initial_value = error->snapshot =
        graph.error_node()->output();
    error->initializer = graph.error_node();
  }
  return Variable(error.get());
}

Variable MakeVariable(const Scope& scope, const Initializer& initial,
                      const VariableOptions& options, SourceLocation location) {
  Graph& graph = scope.graph();
  InitialValue value;
  if (const Initializer::Function* function = initial.function()) {
    if (initial.needs_shape()) {
      graph.AddError(InvalidArgumentError(
          StrCat("variable ", options.name,
                 ": its initializer needs a shape; use GetVariable")));
      return ErrorVariable(graph);
    }
    value.function = [function, &options](const Scope& s) {
      return (*function)(s, Shape(), options.dtype, nullptr);
    };
  } else if (initial.value() != nullptr) {
    value.value = *initial.value();
  } else {
    graph.AddError(InvalidArgumentError(
        StrCat("variable ", options.name, " has no initial value")));
    return ErrorVariable(graph);
  }
  absl::StatusOr<Variable> v =
      AddVariableNodes(scope, value, options, location);
  absl::Status status = v.ok() ? CollectVariable(*v, options) : v.status();
  if (status.ok()) return *v;
  graph.AddError(std::move(status));
  return ErrorVariable(graph);
}

}  // namespace trellis
