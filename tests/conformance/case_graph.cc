#include "trellis/tests/conformance/case_graph.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "trellis/base/check.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/attr_value.h"
#include "trellis/graph/shape.h"

namespace trellis::testing {
namespace {

const AttrValue* FindIn(const AttrMap& attrs, absl::string_view name) {
  for (const auto& [key, value] : attrs) {
    if (key == name) return &value;
  }
  return nullptr;
}

// How many tensors an input argument stands for.
int ArgLength(const OpCase& op_case, const OpSchema& schema,
              const ArgSchema& arg) {
  const AttrSchema* list = schema.FindAttr(arg.type);
  if (list != nullptr && list->kind == "list(type)") {
    return static_cast<int>(FindIn(op_case.attrs, arg.type)->list()->size());
  }
  if (arg.number.empty()) return 1;
  if (const AttrValue* number = FindIn(op_case.attrs, arg.number)) {
    return static_cast<int>(*number->i());
  }
  return static_cast<int>(op_case.inputs.size() - schema.inputs.size() + 1);
}

// The argument of flattened input `i`, and the position in it.
std::pair<const ArgSchema*, int> ArgOf(const OpCase& op_case,
                                       const OpSchema& schema, int i) {
  for (const ArgSchema& arg : schema.inputs) {
    const int length = ArgLength(op_case, schema, arg);
    if (i < length) return {&arg, i};
    i -= length;
  }
  TRELLIS_CHECK(false) << schema.name << " has too many inputs in its case";
  return {};
}

DType TypeNamed(const CaseVariant& variant, absl::string_view attr) {
  for (const auto& [name, dtype] : variant.types) {
    if (name == attr) return dtype;
  }
  return kInvalid;
}

// What an attribute may be where neither case nor kernel say.
std::vector<DType> OpenTypes(const AttrSchema& attr, bool is_main) {
  if (attr.allowed_types == kIndexTypes) return {kInt32, kInt64};
  if (const DType* type = attr.default_value.type()) return {*type};
  std::vector<DType> types;
  const auto candidates =
      is_main ? std::vector<DType>{kFloat32, kFloat64, kInt64, kBool, kString}
              : std::vector<DType>{kFloat32};
  for (DType dtype : candidates) {
    if (attr.allowed_types.empty() || attr.allowed_types.contains(dtype)) {
      types.push_back(dtype);
    }
  }
  return types;
}

// What an attribute may be, of a kernel.
std::vector<DType> TypesOf(const OpCase& op_case, const KernelEntry& kernel,
                           const AttrSchema& attr, bool is_main) {
  DType fixed = is_main ? kernel.dtype : kInvalid;
  for (const auto& [name, dtype] : kernel.options.types) {
    if (name == attr.name) fixed = dtype;
  }
  if (const AttrValue* value = FindIn(op_case.attrs, attr.name)) {
    const DType wanted = *value->type();
    if (fixed != kInvalid && fixed != wanted) return {};
    return {wanted};
  }
  return fixed == kInvalid ? OpenTypes(attr, is_main)
                           : std::vector<DType>{fixed};
}

bool IsDeviceType(DType dtype, absl::string_view device_type) {
  return IsArrayType(dtype) && (device_type == kCpu || dtype != kString);
}

// Adds the variants of `attr` and those after it to `variants`.
void AddVariants(const OpSchema& schema, const KernelEntry& kernel, size_t attr,
                 CaseVariant variant, std::vector<CaseVariant>& variants) {
  while (attr < schema.attrs.size() && schema.attrs[attr].kind != "type") {
    ++attr;
  }
  if (attr == schema.attrs.size()) {
    variants.push_back(std::move(variant));
    return;
  }
  const bool is_main = variant.types.empty();
  for (DType dtype :
       TypesOf(variant.op_case, kernel, schema.attrs[attr], is_main)) {
    if (!IsDeviceType(dtype, variant.device_type)) continue;
    const DTypeSet& wanted = variant.op_case.dtypes;
    if (is_main && !wanted.empty() && !wanted.contains(dtype)) continue;
    CaseVariant one = variant;
    one.types.push_back({schema.attrs[attr].name, dtype});
    AddVariants(schema, kernel, attr + 1, std::move(one), variants);
  }
}

// Adds the nodes that stand for inputs.
class InputBuilder {
 public:
  InputBuilder(const CaseVariant& variant, Graph& graph, CaseRun& run)
      : device_(absl::StrCat("/device:", variant.device_type, ":0")),
        graph_(graph),
        run_(run) {}

  absl::StatusOr<Output> AddFed(const std::string& name, const Array& value,
                                Feeds& feeds) {
    TRELLIS_ASSIGN_OR_RETURN(
        Node * node,
        graph_.TryAddNode({.name = name,
                           .op = "Placeholder",
                           .attrs = {{"dtype", value.dtype},
                                     {"shape", Shape::OfRank(value.rank())}}}));
    feeds.push_back({name, ToTensor(value)});
    return node->output();
  }

  absl::StatusOr<Output> AddConstant(const std::string& name,
                                     const Array& value) {
    TRELLIS_ASSIGN_OR_RETURN(
        Node * node, graph_.TryAddNode({.name = name,
                                        .op = "Const",
                                        .attrs = {{"value", ToTensor(value)},
                                                  {"dtype", value.dtype}}}));
    return node->output();
  }

  absl::StatusOr<Output> AddVariable(const std::string& name,
                                     const Array& value, bool is_ref) {
    TRELLIS_ASSIGN_OR_RETURN(
        Node * variable,
        graph_.TryAddNode(
            {.name = name,
             .op = is_ref ? "VariableV2" : "VarHandleOp",
             .attrs = {{"dtype", value.dtype}, {"shape", value.shape}},
             .device = device_}));
    TRELLIS_ASSIGN_OR_RETURN(
        const Output initial,
        AddFed(absl::StrCat(name, "/initial"), value, run_.initial_values));
    const std::string init = absl::StrCat(name, "/Assign");
    TRELLIS_RETURN_IF_ERROR(
        graph_
            .TryAddNode({.name = init,
                         .op = is_ref ? "Assign" : "AssignVariableOp",
                         .inputs = {variable->output(), initial}})
            .status());
    run_.initializers.push_back(init);
    const std::string read = absl::StrCat(name, "/read");
    NodeSpec spec = {.name = read,
                     .op = is_ref ? "Identity" : "ReadVariableOp",
                     .inputs = {variable->output()}};
    if (!is_ref) spec.attrs = {{"dtype", value.dtype}};
    TRELLIS_RETURN_IF_ERROR(graph_.TryAddNode(std::move(spec)).status());
    run_.reads.push_back(read);
    return variable->output();
  }

 private:
  const std::string device_;
  Graph& graph_;
  CaseRun& run_;
};

Fetches FetchesOf(const std::vector<std::string>& names) {
  return Fetches(names.begin(), names.end());
}

}  // namespace

std::string VariantName(const CaseVariant& variant) {
  std::string name = variant.op_case.op;
  if (!variant.op_case.label.empty()) {
    absl::StrAppend(&name, "_", variant.op_case.label);
  }
  absl::StrAppend(&name, "_", variant.device_type);
  for (const auto& [attr, dtype] : variant.types) {
    absl::StrAppend(&name, "_", DTypeName(dtype));
  }
  return name;
}

void PrintTo(const CaseVariant& variant, std::ostream* os) {
  *os << VariantName(variant);
}

std::vector<CaseVariant> Variants(const std::vector<OpCase>& cases,
                                  const OpRegistry& ops,
                                  const KernelRegistry& kernels,
                                  absl::string_view device_type) {
  std::vector<CaseVariant> variants;
  for (const OpCase& op_case : cases) {
    const OpSchema* schema = ops.Find(op_case.op);
    TRELLIS_CHECK(schema != nullptr) << op_case.op;
    for (const KernelEntry* kernel : kernels.EntriesOf(op_case.op)) {
      if (kernel->device_type != device_type) continue;
      AddVariants(*schema, *kernel, 0,
                  {.op_case = op_case, .device_type = std::string(device_type)},
                  variants);
    }
  }
  return variants;
}

DType InputDType(const CaseVariant& variant, const OpSchema& schema, int i) {
  const auto [arg, position] = ArgOf(variant.op_case, schema, i);
  if (arg->type == "resource") {
    // The one type that the op is about.
    return variant.types.empty() ? kFloat32 : variant.types[0].second;
  }
  const AttrSchema* attr = schema.FindAttr(arg->type);
  if (attr == nullptr) return *ParseDType(arg->type);
  if (attr->kind == "type") return TypeNamed(variant, attr->name);
  return FindIn(variant.op_case.attrs, attr->name)->list()->type[position];
}

absl::StatusOr<CaseRun> BuildCase(const CaseVariant& variant,
                                  const std::vector<Array>& inputs,
                                  Parameters parameters, Graph& graph) {
  const OpCase& op_case = variant.op_case;
  const OpSchema& schema = *graph.ops().Find(op_case.op);
  CaseRun run;
  InputBuilder builder(variant, graph, run);
  NodeSpec spec = {
      .name = "op",
      .op = op_case.op,
      .attrs = op_case.attrs,
      .device = absl::StrCat("/device:", variant.device_type, ":0")};
  for (int i = 0; i < inputs.size(); ++i) {
    const ArgSchema& arg = *ArgOf(op_case, schema, i).first;
    const std::string name = absl::StrCat("in", i);
    const bool constant =
        parameters == Parameters::kConstant && op_case.inputs[i].parameter;
    absl::StatusOr<Output> input =
        arg.is_ref || arg.type == "resource"
            ? builder.AddVariable(name, inputs[i], arg.is_ref)
        : constant ? builder.AddConstant(name, inputs[i])
                   : builder.AddFed(name, inputs[i], run.feeds);
    TRELLIS_RETURN_IF_ERROR(input.status());
    spec.inputs.push_back(*input);
  }
  for (const auto& [attr, dtype] : variant.types) {
    if (FindIn(op_case.attrs, attr) == nullptr) {
      spec.attrs.push_back({attr, dtype});
    }
  }
  TRELLIS_ASSIGN_OR_RETURN(Node * op, graph.TryAddNode(std::move(spec)));
  for (int i = 0; i < op->num_outputs(); ++i) {
    if (!IsRef(op->output_dtype(i))) {
      run.fetches.push_back(op->output(i).name());
    }
  }
  run.targets.push_back(op->name());
  return run;
}

absl::StatusOr<std::vector<Tensor>> RunCase(
    Graph& graph, const CaseRun& run, const Session::Registries& registries,
    SessionOptions options) {
  for (const DeviceFactory& factory : registries.devices.factories()) {
    options.device_count.emplace(factory.type, 1);
  }
  TRELLIS_ASSIGN_OR_RETURN(
      const std::unique_ptr<Session> session,
      Session::Make(graph, registries, std::move(options)));
  if (!run.initializers.empty()) {
    TRELLIS_RETURN_IF_ERROR(
        session
            ->Run(run.initial_values, Fetches{},
                  Targets(run.initializers.begin(), run.initializers.end()))
            .status());
  }
  TRELLIS_ASSIGN_OR_RETURN(
      std::vector<Tensor> results,
      session->Run(run.feeds, FetchesOf(run.fetches),
                   Targets(run.targets.begin(), run.targets.end())));
  if (!run.reads.empty()) {
    TRELLIS_ASSIGN_OR_RETURN(const std::vector<Tensor> values,
                             session->Run({}, FetchesOf(run.reads)));
    results.insert(results.end(), values.begin(), values.end());
  }
  return results;
}

}  // namespace trellis::testing
