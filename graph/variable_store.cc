#include "trellis/graph/variable_store.h"

#include <mutex>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/collections.h"
#include "trellis/graph/group.h"
#include "trellis/graph/initializers.h"
#include "trellis/graph/make_variable.h"
#include "trellis/graph/op_builder.h"
#include "trellis/graph/partition.h"

namespace trellis {
namespace {

using absl::InvalidArgumentError;
using absl::StatusOr;
using absl::StrCat;

// By full name (R2.1).
struct VariableStore {
  absl::flat_hash_map<std::string, Variable> variables;
  absl::flat_hash_map<std::string, Variable> partitioned;
};

// One call of get_variable: a full name, and options with nothing left to
// inherit.
struct Request {
  const Scope& scope;  // at the root of names
  const std::string& name;
  const Shape& shape;
  const GetVariableOptions& options;
  SourceLocation location;
  const PartitionInfo* part = nullptr;  // null: a whole variable
};

absl::Status CheckShared(const Variable& found, const Request& request) {
  if (!request.shape.CompatibleWith(found.shape())) {
    return InvalidArgumentError(
        StrCat("is shared with the shape ", request.shape.ToString(),
               ", but has the shape ", found.shape().ToString()));
  }
  if (request.options.dtype != found.dtype()) {
    return InvalidArgumentError(StrCat("is shared as ",
                                       DTypeName(request.options.dtype),
                                       ", but is ", DTypeName(found.dtype())));
  }
  return absl::OkStatus();
}

// R2.23 - R2.26.
StatusOr<InitialValue> InitialValueOf(const Request& request,
                                      const Initializer& initializer) {
  InitialValue initial;
  if (initializer.value() != nullptr) {
    if (request.shape.known_rank()) {
      return InvalidArgumentError(
          "is initialized by a value and also given a shape; the value has "
          "one");
    }
    initial.value = *initializer.value();
    return initial;
  }
  if (initializer.needs_shape() && !request.shape.fully_defined()) {
    return InvalidArgumentError(
        StrCat("needs a fully defined shape for its initializer, has ",
               request.shape.ToString()));
  }
  // The options outlive the making of the variable.
  initial.function = [&request,
                      function = *initializer.function()](const Scope& s) {
    return function(s, request.shape, request.options.dtype, request.part);
  };
  return initial;
}

absl::Status AddRegularization(const Request& request, Variable variable) {
  const Regularizer& regularizer = request.options.regularizer;
  if (regularizer == nullptr) return absl::OkStatus();
  const Scope s = request.scope.WithoutControlDependencies()
                      .ColocateWith(variable)
                      .NameScope(StrCat(request.name, "/Regularizer/"));
  const Output loss = regularizer(s, variable);
  TRELLIS_RETURN_IF_ERROR(s.status());
  if (!loss) return absl::OkStatus();
  return AddToCollection(s.graph(), kRegularizationLosses, loss);
}

StatusOr<Variable> Create(const Request& request) {
  const GetVariableOptions& options = request.options;
  const Initializer initializer = options.initializer.is_set()
                                      ? options.initializer
                                      : DefaultInitializer(options.dtype);
  if (!initializer.is_set()) {
    return InvalidArgumentError(
        StrCat("needs an initializer: there is none by default for ",
               DTypeName(options.dtype)));
  }
  TRELLIS_ASSIGN_OR_RETURN(const InitialValue initial,
                           InitialValueOf(request, initializer));
  const bool free =
      initial.function != nullptr && !initializer.needs_shape();  // R2.25
  const VariableOptions made = {
      .dtype = free ? kInvalid : options.dtype,
      .trainable = options.trainable,
      .collections = options.collections,
      .caching_device = options.caching_device,
      .validate_shape = options.validate_shape,
      .use_resource = options.use_resource,
      .constraint = options.constraint,
      .name = request.name,
  };
  TRELLIS_ASSIGN_OR_RETURN(
      Variable variable,
      AddVariableNodes(request.scope, initial, made, request.location));
  TRELLIS_RETURN_IF_ERROR(CollectVariable(variable, made));
  request.scope.graph().Attached<VariableStore>().variables.emplace(
      request.name, variable);
  TRELLIS_RETURN_IF_ERROR(AddRegularization(request, variable));
  return variable;
}

absl::Status MustBeShared(const Variable& found) {
  const Variable first = found.parts().empty() ? found : found.parts()[0];
  return absl::AlreadyExistsError(
      StrCat("exists already, made as ", first.handle().node->DebugName(),
             "; to share it, open the variable scope with reuse"));
}

absl::Status MustExist() {
  return absl::NotFoundError(
      "does not exist, or was not made by GetVariable; the scope only shares "
      "(reuse)");
}

// R2.20.
StatusOr<Variable> FindOrCreateWhole(const Request& request, Reuse reuse) {
  const auto& stored =
      request.scope.graph().Attached<VariableStore>().variables;
  const auto found = stored.find(request.name);
  if (found == stored.end()) {
    if (reuse == Reuse::kTrue) return MustExist();
    return Create(request);
  }
  if (reuse == Reuse::kNone) return MustBeShared(found->second);
  TRELLIS_RETURN_IF_ERROR(CheckShared(found->second, request));
  return found->second;
}

// R2.60.
absl::Status CheckSharedPartition(const Variable& found,
                                  const Partition& wanted,
                                  const Request& request) {
  TRELLIS_RETURN_IF_ERROR(CheckShared(found, request));
  const size_t parts = found.parts().size();
  if (parts != wanted.parts.size() ||
      found.info()->partition_axis != wanted.axis) {
    return InvalidArgumentError(StrCat(
        "is shared as ", wanted.parts.size(), " parts along axis ", wanted.axis,
        ", but has ", parts, " along axis ", found.info()->partition_axis));
  }
  return absl::OkStatus();
}

// R2.59: the part of a value, made below "<part>/PartitionedInitializer".
StatusOr<Variable> FindOrCreatePart(const Request& whole, const Shape& shape,
                                    const Partition::Part& part, int i,
                                    Reuse reuse) {
  const std::string name = StrCat(whole.name, "/part_", i);
  const Scope slicing =
      whole.scope.NameScope(StrCat(name, "/PartitionedInitializer"));
  GetVariableOptions options = whole.options;
  Shape part_shape = part.shape;
  const auto& stored = slicing.graph().Attached<VariableStore>().variables;
  if (options.initializer.value() != nullptr && !stored.contains(name)) {
    options.initializer =
        Emit(slicing, "Slice",
             {*options.initializer.value(), part.offset, part.shape.dims()}, {},
             "", whole.location);
    part_shape = Shape();
  }
  const PartitionInfo info = {.full_shape = shape, .offset = part.offset};
  TRELLIS_ASSIGN_OR_RETURN(Variable variable,
                           FindOrCreateWhole({whole.scope, name, part_shape,
                                              options, whole.location, &info},
                                             reuse));
  variable.info()->full_name = whole.name;
  variable.info()->partition = info;
  return variable;
}

// R2.57 - R2.60.
StatusOr<Variable> FindOrCreatePartitioned(const Request& request,
                                           Reuse reuse) {
  Graph& graph = request.scope.graph();
  VariableStore& store = graph.Attached<VariableStore>();
  if (store.variables.contains(request.name)) {
    return InvalidArgumentError("is stored whole, but asked for in parts");
  }
  Shape shape = request.shape;
  GetVariableOptions options = request.options;
  if (const Input* value = options.initializer.value()) {
    const Output tensor = ToOutput(request.scope, *value, "Const",
                                   options.dtype, request.location);
    TRELLIS_RETURN_IF_ERROR(graph.status());
    options.initializer = tensor;
    shape = tensor.shape();
  }
  TRELLIS_ASSIGN_OR_RETURN(
      const Partition partition,
      PartitionShape(shape, options.partitioner(shape, options.dtype)));
  const auto found = store.partitioned.find(request.name);
  if (found != store.partitioned.end()) {
    if (reuse == Reuse::kNone) return MustBeShared(found->second);
    TRELLIS_RETURN_IF_ERROR(
        CheckSharedPartition(found->second, partition, request));
    return found->second;
  }
  const Request whole = {request.scope, request.name, shape, options,
                         request.location};
  VariableInfo info = {.name = request.name,
                       .dtype = options.dtype,
                       .shape = shape,
                       .trainable = options.trainable,
                       .partition_axis = partition.axis};
  for (size_t i = 0; i < partition.parts.size(); ++i) {
    TRELLIS_ASSIGN_OR_RETURN(
        const Variable part,
        FindOrCreatePart(whole, shape, partition.parts[i], i, reuse));
    info.parts.push_back(part.info());
    info.is_resource = part.is_resource();
  }
  const Variable variable = AdoptVariable(graph, std::move(info));
  store.partitioned.emplace(request.name, variable);
  return variable;
}

// R2.28.
StatusOr<Variable> FindOrCreate(const Request& request) {
  // Only a getter can leave it open (R2.56).
  const Reuse reuse = request.options.reuse.value_or(Reuse::kAuto);
  if (request.options.partitioner != nullptr && request.shape.rank() != 0) {
    return FindOrCreatePartitioned(request, reuse);
  }
  VariableStore& store = request.scope.graph().Attached<VariableStore>();
  const auto parts = store.partitioned.find(request.name);
  if (parts == store.partitioned.end()) {
    return FindOrCreateWhole(request, reuse);
  }
  if (reuse != Reuse::kTrue) {
    return InvalidArgumentError("is stored in parts, but asked for whole");
  }
  TRELLIS_RETURN_IF_ERROR(CheckShared(parts->second, request));
  return parts->second;
}

DType DTypeOfValue(const Input& value) {
  const DType dtype = value.dtype();
  return dtype == kInvalid && value.is_literal() ? value.default_dtype()
                                                 : dtype;
}

// R2.18.
GetVariableOptions Complete(const Scope& scope, GetVariableOptions options) {
  const VariableScopeOptions& from = scope.variable_scope().options;
  if (!options.initializer.is_set()) options.initializer = from.initializer;
  if (options.dtype == kInvalid) {
    options.dtype = options.initializer.value() != nullptr
                        ? DTypeOfValue(*options.initializer.value())
                        : from.dtype;
  }
  if (options.regularizer == nullptr) options.regularizer = from.regularizer;
  if (options.caching_device.empty()) {
    options.caching_device = from.caching_device;
  }
  if (!options.partition) {
    options.partitioner = nullptr;
  } else if (options.partitioner == nullptr) {
    options.partitioner = from.partitioner;
  }
  if (!options.use_resource.has_value()) {
    options.use_resource = from.use_resource;
  }
  if (options.custom_getter == nullptr) {
    options.custom_getter = from.custom_getter;
  }
  if (options.constraint == nullptr) options.constraint = from.constraint;
  if (!options.reuse.has_value()) options.reuse = from.reuse;
  return options;
}

}  // namespace

Variable GetVariable(const Scope& scope, Name name, const Shape& shape,
                     const GetVariableOptions& given, SourceLocation location) {
  Graph& graph = scope.graph();
  std::lock_guard lock(graph.mutex());
  GetVariableOptions options = Complete(scope, given);
  const CustomGetter getter = std::move(options.custom_getter);
  options.custom_getter = nullptr;
  const VariableGetter get = [location](const Scope& s, const std::string& full,
                                        const Shape& sh,
                                        const GetVariableOptions& o) {
    Graph& g = s.graph();
    std::lock_guard lock(g.mutex());
    if (!g.status().ok()) return ErrorVariable(g);
    const Scope root = s.NameScope("");
    StatusOr<Variable> v = FindOrCreate({root, full, sh, o, location});
    if (v.ok()) return *v;
    if (g.status().ok()) {
      const std::string where = location.ToString();
      g.AddError(
          absl::Status(v.status().code(),
                       StrCat("variable ", full,
                              where.empty() ? "" : StrCat(" (", where, ")"),
                              ": ", v.status().message())));
    }
    return ErrorVariable(g);
  };
  const std::string& parent = scope.variable_scope().name;
  // With an empty name "s/", which names the node "s" itself (R2.17b).
  const std::string full =
      parent.empty() ? name.str() : StrCat(parent, "/", name.view());
  if (getter == nullptr) return get(scope, full, shape, options);
  return getter(get, scope.NameScope(""), full, shape, options);
}

Variable GetLocalVariable(const Scope& scope, Name name, const Shape& shape,
                          GetVariableOptions options, SourceLocation location) {
  options.trainable = false;
  if (!options.collections.has_value()) options.collections.emplace();
  options.collections->push_back(std::string(kLocalVariables));
  return GetVariable(scope, name, shape, options, location);
}

Variable FindVariable(Graph& graph, Name full_name) {
  std::lock_guard lock(graph.mutex());
  const auto& stored = graph.Attached<VariableStore>().variables;
  const auto found = stored.find(full_name.view());
  if (found != stored.end()) return found->second;
  const auto& partitioned = graph.Attached<VariableStore>().partitioned;
  const auto parts = partitioned.find(full_name.view());
  return parts == partitioned.end() ? Variable() : parts->second;
}

Node* GlobalVariablesInitializer(const Scope& scope, SourceLocation location) {
  return VariablesInitializer(scope, GlobalVariables(scope.graph()), "init",
                              location);
}

Node* LocalVariablesInitializer(const Scope& scope, SourceLocation location) {
  return VariablesInitializer(scope, LocalVariables(scope.graph()), "init",
                              location);
}

Node* VariablesInitializer(const Scope& scope,
                           const std::vector<Variable>& variables, Name name,
                           SourceLocation location) {
  std::vector<Node*> initializers;
  for (const Variable& v : variables) {
    if (v.parts().empty()) {
      initializers.push_back(v.initializer());
    } else {
      for (const Variable& part : v.parts()) {
        initializers.push_back(part.initializer());
      }
    }
  }
  return Group(scope, initializers, name, location);
}

}  // namespace trellis
