#include "trellis/graph/op_builder.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/variable.h"

namespace trellis {
namespace {

using absl::InvalidArgumentError;
using absl::StrCat;

bool IsListArgument(const OpSchema& schema, const ArgSchema& arg) {
  if (!arg.number.empty()) return true;
  const AttrSchema* type = schema.FindAttr(arg.type);
  return type != nullptr && type->kind == "list(type)";
}

// `name` is complete.
absl::StatusOr<Output> AddConst(const Scope& scope, std::string name,
                                const Input& literal, DType dtype,
                                SourceLocation location) {
  absl::StatusOr<Tensor> value = literal.ToTensor(dtype);
  if (!value.ok()) {
    return absl::Status(value.status().code(),
                        StrCat(name, ": ", value.status().message()));
  }
  NodeSpec spec{.name = std::move(name), .op = "Const", .location = location};
  spec.attrs.reserve(2);
  spec.attrs.emplace_back("dtype", AttrValue(dtype));
  spec.attrs.emplace_back("value", AttrValue(*std::move(value)));
  return Output{scope.AddNode(std::move(spec)), 0};
}

// Braces around tensors become a Pack node of this complete name, the literals
// among them Const nodes "<name>/<position>".
absl::StatusOr<Output> AddPack(const Scope& scope, std::string name,
                               const std::vector<Input>& elements, DType dtype,
                               SourceLocation location) {
  Graph& graph = scope.graph();
  NodeSpec spec{.op = "Pack", .location = location};
  for (size_t i = 0; i < elements.size(); ++i) {
    const Input& element = elements[i];
    Output output;
    if (element.output() != nullptr) {
      output = *element.output();
    } else if (element.variable() != nullptr) {
      output =
          ReadForUse(scope, *element.variable(), StrCat(name, "/"), location);
    } else {
      std::string part = graph.UniqueName(StrCat(name, "/", i));
      TRELLIS_ASSIGN_OR_RETURN(
          output,
          element.packed() != nullptr
              ? AddPack(scope, std::move(part), *element.packed(), dtype,
                        location)
              : AddConst(scope, std::move(part), element, dtype, location));
    }
    spec.inputs.push_back(output);
  }
  spec.name = std::move(name);
  return Output{scope.AddNode(std::move(spec)), 0};
}

}  // namespace

OpBuilder::OpBuilder(const Scope& scope, absl::string_view op,
                     absl::string_view name, SourceLocation location)
    : scope_(scope),
      op_(op),
      schema_(scope.graph().ops().Find(op)),
      name_(name),
      location_(location) {}

OpBuilder& OpBuilder::Input(trellis::Input input) {
  arguments_.push_back({static_cast<int>(inputs_.size()), 1, false});
  inputs_.push_back(std::move(input));
  return *this;
}

OpBuilder& OpBuilder::InputList(absl::Span<const trellis::Input> inputs) {
  arguments_.push_back({static_cast<int>(inputs_.size()),
                        static_cast<int>(inputs.size()), true});
  inputs_.insert(inputs_.end(), inputs.begin(), inputs.end());
  return *this;
}

OpBuilder& OpBuilder::Attr(absl::string_view name, AttrValue value) {
  if (value.is_set()) attrs_.emplace_back(std::string(name), std::move(value));
  return *this;
}

OpBuilder& OpBuilder::ControlInput(Node* node) {
  control_inputs_.push_back(node);
  return *this;
}

AttrValue* OpBuilder::FindAttr(absl::string_view name) {
  for (auto& [key, value] : attrs_) {
    if (key == name) return &value;
  }
  return nullptr;
}

absl::Status OpBuilder::CheckArguments(const OpSchema& schema) const {
  if (arguments_.size() != schema.inputs.size()) {
    return InvalidArgumentError(
        StrCat("takes ", schema.inputs.size(), " arguments, was given ",
               arguments_.size(), ": ", schema.ToString()));
  }
  for (size_t a = 0; a < arguments_.size(); ++a) {
    if (arguments_[a].list != IsListArgument(schema, schema.inputs[a])) {
      return InvalidArgumentError(
          StrCat("argument ", schema.inputs[a].name,
                 arguments_[a].list ? " is no list" : " must be a list", ": ",
                 schema.ToString()));
    }
  }
  return absl::OkStatus();
}

// The dtype for weakly typed literals of the argument; kInvalid: their own.
DType OpBuilder::FollowedDType(const OpSchema& schema, size_t argument) {
  const std::string& type = schema.inputs[argument].type;
  const AttrSchema* attr = schema.FindAttr(type);
  if (attr == nullptr) return ParseDType(type).value_or(kInvalid);
  if (attr->kind != "type") return kInvalid;
  const AttrValue* stated = FindAttr(type);
  if (stated != nullptr && stated->type() != nullptr) return *stated->type();

  std::vector<const trellis::Input*> literals;
  for (size_t a = 0; a < arguments_.size(); ++a) {
    if (schema.inputs[a].type != type) continue;
    for (int i = 0; i < arguments_[a].count; ++i) {
      const trellis::Input& input = inputs_[arguments_[a].first + i];
      if (input.dtype() != kInvalid) return input.dtype();
      if (input.is_literal()) literals.push_back(&input);
    }
  }
  const auto all_convert = [&](DType dtype) {
    return std::all_of(literals.begin(), literals.end(),
                       [&](const auto* l) { return l->ConvertsTo(dtype); });
  };
  const DType* usual = attr->default_value.type();
  if (usual != nullptr && all_convert(*usual)) return *usual;
  const auto allowed = [&](DType dtype) {
    return attr->allowed_types.empty() || attr->allowed_types.contains(dtype);
  };
  for (const auto* literal : literals) {
    const DType own = literal->default_dtype();
    if (allowed(own) && all_convert(own)) return own;
  }
  return allowed(kFloat32) && all_convert(kFloat32) ? kFloat32 : kInvalid;
}

absl::StatusOr<Output> OpBuilder::Convert(const OpSchema& schema,
                                          size_t argument,
                                          const trellis::Input& input,
                                          int position) {
  if (input.output() != nullptr) {
    if (*input.output()) return *input.output();
    return InvalidArgumentError(
        StrCat("argument ", schema.inputs[argument].name, " is no tensor"));
  }
  const ArgSchema& arg = schema.inputs[argument];
  if (const VariableInfo* variable = input.variable()) {
    if (arg.is_ref || arg.type == "resource") {
      if (variable->is_resource == !arg.is_ref && variable->parts.empty()) {
        return variable->handle;
      }
      return InvalidArgumentError(StrCat("argument ", arg.name, " must be a ",
                                         arg.is_ref ? "reference" : "resource",
                                         " variable, ", variable->name,
                                         " is not"));
    }
    return ReadForUse(scope_, *variable, StrCat(path_, "/"), location_);
  }
  if (arg.is_ref) {
    return InvalidArgumentError(
        StrCat("argument ", arg.name, " must be a variable"));
  }
  DType dtype = FollowedDType(schema, argument);
  if (dtype == kInvalid) {
    const AttrValue* types = FindAttr(arg.type);
    if (types != nullptr && types->list() != nullptr &&
        position < types->list()->type.size()) {
      dtype = types->list()->type[position];
    } else {
      dtype = input.is_literal() ? input.default_dtype() : input.dtype();
    }
  }
  std::string name = scope_.graph().UniqueName(
      arguments_[argument].list ? StrCat(path_, "/", arg.name, "_", position)
                                : StrCat(path_, "/", arg.name));
  return input.packed() != nullptr
             ? AddPack(scope_, std::move(name), *input.packed(), dtype,
                       location_)
             : AddConst(scope_, std::move(name), input, dtype, location_);
}

absl::StatusOr<Node*> OpBuilder::TryBuild() {
  const OpSchema* const schema = schema_;
  if (schema == nullptr) {
    return absl::UnimplementedError(
        StrCat("the graph's registry has no operation ", op_));
  }
  TRELLIS_RETURN_IF_ERROR(CheckArguments(*schema));
  path_ = scope_.NodeName(name_.empty() ? op_ : name_);

  NodeSpec spec;
  spec.inputs.reserve(inputs_.size());
  std::optional<Scope> with_variable;  // R1.62a
  for (size_t a = 0; a < arguments_.size(); ++a) {
    for (int i = 0; i < arguments_[a].count; ++i) {
      TRELLIS_ASSIGN_OR_RETURN(
          const Output output,
          Convert(*schema, a, inputs_[arguments_[a].first + i], i));
      if (schema->inputs[a].is_ref && IsRef(output.dtype())) {
        with_variable = with_variable.value_or(scope_).ColocateWith(output);
      }
      spec.inputs.push_back(output);
    }
  }
  attrs_.erase(std::remove_if(attrs_.begin(), attrs_.end(),
                              [&](const auto& attr) {
                                const AttrSchema* known =
                                    schema->FindAttr(attr.first);
                                return known != nullptr &&
                                       known->default_value == attr.second;
                              }),
               attrs_.end());
  spec.name = std::move(path_);
  spec.op = std::string(op_);
  spec.control_inputs = std::move(control_inputs_);
  spec.attrs = std::move(attrs_);
  spec.location = location_;
  const Scope& place = with_variable.has_value() ? *with_variable : scope_;
  return place.AddNode(std::move(spec));
}

Node* OpBuilder::Build() {
  Graph& graph = scope_.graph();
  std::lock_guard lock(graph.mutex());
  if (!graph.status().ok()) return graph.error_node();
  absl::StatusOr<Node*> node = TryBuild();
  if (node.ok()) return *node;
  const std::string where = location_.ToString();
  return graph.AddError(
      absl::Status(node.status().code(),
                   StrCat(path_.empty() ? op_ : absl::string_view(path_),
                          where.empty() ? "" : StrCat(" (", where, ")"), ": ",
                          node.status().message())));
}

Node* EmitNode(const Scope& scope, absl::string_view op,
               absl::Span<const Input> inputs, AttrMap attrs,
               absl::string_view name, SourceLocation location) {
  OpBuilder builder(scope, op, name, location);
  const OpSchema* const schema = builder.schema();
  const size_t arguments = schema == nullptr ? 0 : schema->inputs.size();
  size_t next = 0;
  for (size_t a = 0; a < arguments && next <= inputs.size(); ++a) {
    if (IsListArgument(*schema, schema->inputs[a])) {
      const size_t after = arguments - a - 1;
      const size_t rest = inputs.size() - next;
      const size_t length = rest > after ? rest - after : 0;
      builder.InputList(inputs.subspan(next, length));
      next += length;
    } else if (next < inputs.size()) {
      builder.Input(inputs[next++]);
    }
  }
  // Too many: Build says so.
  for (; next < inputs.size(); ++next) builder.Input(inputs[next]);
  for (auto& [key, value] : attrs) builder.Attr(key, std::move(value));
  return builder.Build();
}

Output Emit(const Scope& scope, absl::string_view op,
            absl::Span<const Input> inputs, AttrMap attrs,
            absl::string_view name, SourceLocation location) {
  return {EmitNode(scope, op, inputs, std::move(attrs), name, location), 0};
}

Output Constant(const Scope& scope, Tensor value, absl::string_view name,
                SourceLocation location) {
  return ToOutput(scope, Input(std::move(value)), name, kInvalid, location);
}

Output ToOutput(const Scope& scope, const Input& input, absl::string_view name,
                DType dtype, SourceLocation location) {
  if (input.output() != nullptr) return *input.output();
  if (input.variable() != nullptr) {
    return ReadForUse(scope, *input.variable(), scope.path(), location);
  }
  Graph& graph = scope.graph();
  std::lock_guard lock(graph.mutex());
  if (!graph.status().ok()) return graph.error_node()->output();
  if (input.dtype() != kInvalid) dtype = input.dtype();
  if (dtype == kInvalid) dtype = input.default_dtype();
  std::string path = scope.NodeName(name);
  absl::StatusOr<Output> output =
      input.packed() != nullptr
          ? AddPack(scope, std::move(path), *input.packed(), dtype, location)
          : AddConst(scope, std::move(path), input, dtype, location);
  return output.ok() ? *output : graph.AddError(output.status())->output();
}

}  // namespace trellis
