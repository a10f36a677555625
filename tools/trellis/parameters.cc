#include "trellis/tools/trellis/parameters.h"

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "trellis/base/status_macros.h"
#include "trellis/tools/trellis/saturating.h"

namespace trellis {
namespace {

using Names = std::set<std::string, std::less<>>;

absl::string_view ScopeOf(absl::string_view name) {
  const size_t slash = name.rfind('/');
  return slash == name.npos ? absl::string_view() : name.substr(0, slash);
}

absl::string_view LastPart(absl::string_view name) {
  return name.substr(name.rfind('/') + 1);
}

bool IsBatchNormStatistic(absl::string_view name) {
  const absl::string_view part = LastPart(name);
  return absl::StartsWith(part, "moving_mean") ||
         absl::StartsWith(part, "moving_variance");
}

bool IsPowerOfAdam(absl::string_view name) {
  const absl::string_view part = LastPart(name);
  return absl::StartsWith(part, "beta1_power") ||
         absl::StartsWith(part, "beta2_power");
}

// Fills in kind and scope; `names` are those of all variables.
void Classify(const Names& trainable, const Names& names,
              std::vector<Parameter>* parameters) {
  for (Parameter& p : *parameters) {
    const absl::string_view scope = ScopeOf(p.name);
    const bool slot = names.find(scope) != names.end();
    p.scope = std::string(slot ? ScopeOf(scope) : scope);
    if (trainable.find(p.name) != trainable.end()) {
      p.kind = ParameterKind::kTrainable;
    } else if (slot || IsPowerOfAdam(p.name)) {
      p.kind = ParameterKind::kOptimizerSlot;
    } else if (IsBatchNormStatistic(p.name)) {
      p.kind = ParameterKind::kBatchNormStatistic;
    }
  }
}

absl::StatusOr<Names> TrainableNames(const MetaGraph& meta) {
  TRELLIS_ASSIGN_OR_RETURN(const auto records,
                           VariablesOf(meta, "trainable_variables"));
  Names names;
  for (const VariableRecord& record : records) {
    // A resource variable's tensor is its handle, "v/handle:0" or "v:0".
    const auto output = meta.graph->FindOutput(record.variable_name);
    names.insert(output.ok() ? output->node->name() : record.variable_name);
  }
  return names;
}

std::vector<Parameter> FrozenParameters(const Graph& graph) {
  std::vector<Parameter> parameters;
  for (const Node* node : graph.nodes()) {
    if (node->schema() == nullptr || !node->schema()->constant) continue;
    const Shape& shape = node->output_shape(0);
    if (!kFloatTypes.contains(node->output_dtype(0)) || shape.rank() < 1) {
      continue;
    }
    parameters.push_back({.name = node->name(),
                          .scope = std::string(ScopeOf(node->name())),
                          .dtype = node->output_dtype(0),
                          .shape = shape,
                          .kind = ParameterKind::kConstant});
  }
  return parameters;
}

}  // namespace

absl::string_view ParameterKindName(ParameterKind kind) {
  switch (kind) {
    case ParameterKind::kTrainable:
      return "trainable";
    case ParameterKind::kBatchNormStatistic:
      return "batch_norm_statistic";
    case ParameterKind::kOptimizerSlot:
      return "optimizer_slot";
    case ParameterKind::kConstant:
      return "constant";
    case ParameterKind::kOther:
      break;
  }
  return "other";
}

int64_t Parameter::elements() const {
  return shape.fully_defined() ? shape.num_elements() : 0;
}

int64_t Parameter::bytes() const {
  return SaturatingMultiply(elements(),
                            static_cast<int64_t>(DTypeSize(BaseType(dtype))));
}

absl::StatusOr<std::vector<Parameter>> ParametersOf(const MetaGraph& meta) {
  std::vector<Parameter> parameters;
  Names names;
  for (const Node* node : meta.graph->nodes()) {
    if (node->schema() == nullptr || !node->schema()->variable) continue;
    const AttrValue* dtype = node->FindAttr("dtype");
    const AttrValue* shape = node->FindAttr("shape");
    Parameter parameter = {.name = node->name()};
    if (dtype != nullptr && dtype->type() != nullptr) {
      parameter.dtype = *dtype->type();
    }
    if (shape != nullptr && shape->shape() != nullptr) {
      parameter.shape = *shape->shape();
    }
    names.insert(node->name());
    parameters.push_back(std::move(parameter));
  }
  if (parameters.empty()) return FrozenParameters(*meta.graph);
  TRELLIS_ASSIGN_OR_RETURN(const Names trainable, TrainableNames(meta));
  Classify(trainable, names, &parameters);
  return parameters;
}

std::vector<Parameter> ParametersOf(const CheckpointReader& checkpoint) {
  std::vector<Parameter> parameters;
  Names names;
  for (const std::string& name : checkpoint.names()) {
    const CheckpointTensor& tensor = *checkpoint.Find(name);
    parameters.push_back(
        {.name = name, .dtype = tensor.dtype, .shape = tensor.shape});
    names.insert(name);
  }
  Classify({}, names, &parameters);
  return parameters;
}

void ParameterSum::Add(const Parameter& parameter) {
  ++count;
  elements = SaturatingAdd(elements, parameter.elements());
  bytes = SaturatingAdd(bytes, parameter.bytes());
}

std::map<ParameterKind, ParameterSum> SumByKind(
    const std::vector<Parameter>& parameters) {
  std::map<ParameterKind, ParameterSum> sums;
  for (const Parameter& parameter : parameters) {
    sums[parameter.kind].Add(parameter);
  }
  return sums;
}

}  // namespace trellis
