// trellis inspect: what a file is.
#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/graph_def_functions.h"
#include "trellis/io/model_file.h"
#include "trellis/io/open_checkpoint.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/tools/trellis/commands.h"
#include "trellis/tools/trellis/costs.h"
#include "trellis/tools/trellis/json_writer.h"
#include "trellis/tools/trellis/likely_ends.h"
#include "trellis/tools/trellis/missing_support.h"
#include "trellis/tools/trellis/open_model.h"
#include "trellis/tools/trellis/parameters.h"
#include "trellis/tools/trellis/saturating.h"
#include "trellis/tools/trellis/table.h"
#include "trellis/tools/trellis/tensor_text.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

constexpr size_t kEndsInText = 8;
constexpr size_t kScopesInText = 30;

using Counts = std::map<std::string, int64_t>;

// Everything that is printed.
struct Inspection {
  ModelKind kind = ModelKind::kGraphDef;
  std::string path;
  MetaGraph meta;  // graph null: a checkpoint without one
  Counts ops, function_ops;
  std::vector<LikelyEnd> inputs, outputs;
  std::vector<Parameter> parameters;
  std::vector<Cost> costs;
  MissingSupport missing;
};

bool IsCheckpoint(ModelKind kind) {
  return kind == ModelKind::kCheckpoint || kind == ModelKind::kCheckpointV1;
}

absl::StatusOr<std::vector<int64_t>> BatchesOf(const Flags& flags) {
  std::vector<int64_t> batches;
  for (const std::string& text : flags.All("batch")) {
    int64_t batch = 0;
    if (!absl::SimpleAtoi(text, &batch) || batch < 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("--batch is \"", text, "\", must be at least 1"));
    }
    batches.push_back(batch);
  }
  if (batches.empty()) batches = {1, 32};
  return batches;
}

// The costs are those of the likeliest output.
absl::Status InspectGraph(const Flags& flags, Inspection* result) {
  TRELLIS_ASSIGN_OR_RETURN(const auto batches, BatchesOf(flags));
  Graph& graph = *result->meta.graph;
  for (const Node* node : graph.nodes()) ++result->ops[node->op()];
  result->function_ops = CountFunctionOps(graph);
  result->inputs = LikelyInputs(result->meta);
  result->outputs = LikelyOutputs(result->meta, result->inputs);
  TRELLIS_ASSIGN_OR_RETURN(result->parameters, ParametersOf(result->meta));
  result->missing = FindMissingSupport(graph, Builtin().kernels);
  if (!result->outputs.empty()) {
    result->costs = CostsOf(
        graph, Ancestors({result->outputs.front().tensor.node}), batches);
  }
  return absl::OkStatus();
}

absl::StatusOr<Inspection> Inspect(const Flags& flags) {
  FileSystem& files = PosixFileSystem::Get();
  Inspection result;
  TRELLIS_ASSIGN_OR_RETURN(const ModelFile found,
                           FindModelFile(files, flags.args()[0]));
  absl::StatusOr<Model> model = OpenModel(flags);
  if (model.ok()) {
    result.kind = model->kind;
    result.path = model->path;
    result.meta = std::move(model->meta);
    TRELLIS_RETURN_IF_ERROR(InspectGraph(flags, &result));
    return result;
  }
  if (!IsCheckpoint(found.kind) || !absl::IsNotFound(model.status())) {
    return model.status();
  }
  TRELLIS_ASSIGN_OR_RETURN(const auto checkpoint,
                           OpenCheckpoint(files, found.path));
  result.kind = found.kind;
  result.path = found.path;
  result.parameters = ParametersOf(*checkpoint);
  return result;
}

// ---- JSON

void WriteCounts(const Counts& counts, JsonWriter& json) {
  json.BeginObject();
  for (const auto& [name, count] : counts) json.Field(name, count);
  json.EndObject();
}

void WriteEnds(const std::vector<LikelyEnd>& ends, JsonWriter& json) {
  json.BeginArray();
  for (const LikelyEnd& end : ends) {
    json.BeginObject();
    json.Field("name", end.tensor.name());
    json.Field("op", end.tensor.node->op());
    WriteTypeAndShape(end.tensor.dtype(), end.tensor.shape(), json);
    json.Field("score", end.score);
    json.Field("reasons", end.reasons);
    json.EndObject();
  }
  json.EndArray();
}

void WriteSum(const ParameterSum& sum, JsonWriter& json) {
  json.Field("count", sum.count);
  json.Field("elements", sum.elements);
  json.Field("bytes", sum.bytes);
}

std::map<std::string, std::map<ParameterKind, ParameterSum>> SumByScope(
    const std::vector<Parameter>& parameters) {
  std::map<std::string, std::map<ParameterKind, ParameterSum>> scopes;
  for (const Parameter& p : parameters) scopes[p.scope][p.kind].Add(p);
  return scopes;
}

void WriteKinds(const std::map<ParameterKind, ParameterSum>& kinds,
                JsonWriter& json) {
  json.BeginObject();
  for (const auto& [kind, sum] : kinds) {
    json.Key(ParameterKindName(kind)).BeginObject();
    WriteSum(sum, json);
    json.EndObject();
  }
  json.EndObject();
}

void WriteParameters(const std::vector<Parameter>& parameters,
                     JsonWriter& json) {
  ParameterSum total;
  for (const Parameter& parameter : parameters) total.Add(parameter);
  json.BeginObject();
  WriteSum(total, json);
  json.Key("kinds");
  WriteKinds(SumByKind(parameters), json);
  json.Key("scopes").BeginObject();
  for (const auto& [scope, kinds] : SumByScope(parameters)) {
    json.Key(scope);
    WriteKinds(kinds, json);
  }
  json.EndObject();
  json.Key("tensors").BeginArray();
  for (const Parameter& p : parameters) {
    json.BeginObject();
    json.Field("name", p.name);
    json.Field("kind", ParameterKindName(p.kind));
    WriteTypeAndShape(p.dtype, p.shape, json);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
}

void WriteSignatureTensors(const std::map<std::string, SignatureTensor>& map,
                           JsonWriter& json) {
  json.BeginObject();
  for (const auto& [key, tensor] : map) {
    json.Key(key).BeginObject();
    json.Field("name", tensor.name);
    WriteTypeAndShape(tensor.dtype, tensor.shape.value_or(Shape()), json);
    json.EndObject();
  }
  json.EndObject();
}

void WriteSignatures(const MetaGraph& meta, JsonWriter& json) {
  json.BeginObject();
  for (const auto& [key, signature] : meta.signatures) {
    json.Key(key).BeginObject();
    json.Field("method", signature.method_name);
    json.Key("inputs");
    WriteSignatureTensors(signature.inputs, json);
    json.Key("outputs");
    WriteSignatureTensors(signature.outputs, json);
    json.EndObject();
  }
  json.EndObject();
}

void WriteCosts(const Inspection& result, JsonWriter& json) {
  json.BeginObject();
  json.Field("of", result.outputs.empty()
                       ? std::string()
                       : result.outputs.front().tensor.name());
  json.Field("counted", kCostsExplained);
  json.Key("batches").BeginArray();
  for (const Cost& cost : result.costs) {
    json.BeginObject();
    json.Field("batch", cost.batch);
    json.Field("flops", cost.flops);
    json.Field("activation_bytes", cost.activation_bytes);
    json.Field("nodes_without_shape", cost.nodes_without_shape);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
}

std::string Json(const Inspection& result) {
  JsonWriter json;
  json.BeginObject();
  json.Field("kind", ModelKindName(result.kind));
  json.Field("path", result.path);
  json.Field("nodes",
             result.meta.graph == nullptr ? 0 : result.meta.graph->num_nodes());
  json.Key("ops");
  WriteCounts(result.ops, json);
  json.Key("function_ops");
  WriteCounts(result.function_ops, json);
  json.Key("inputs");
  WriteEnds(result.inputs, json);
  json.Key("outputs");
  WriteEnds(result.outputs, json);
  json.Key("parameters");
  WriteParameters(result.parameters, json);
  json.Key("costs");
  WriteCosts(result, json);
  json.Key("missing").BeginObject();
  json.Key("unknown_ops");
  WriteCounts(result.missing.unknown_ops, json);
  json.Key("missing_kernels");
  WriteCounts(result.missing.missing_kernels, json);
  json.EndObject();
  json.Field("tags", result.meta.info.tags);
  json.Field("tensorflow_version", result.meta.info.tensorflow_version);
  json.Key("signatures");
  WriteSignatures(result.meta, json);
  json.EndObject();
  return json.text() + "\n";
}

// ---- text

std::string CountsText(absl::string_view title, const Counts& counts) {
  std::vector<std::pair<int64_t, std::string>> rows;
  for (const auto& [name, count] : counts) rows.push_back({-count, name});
  std::sort(rows.begin(), rows.end());
  Table table;
  for (const auto& [count, name] : rows) {
    table.AddRow({"  " + name, absl::StrCat(-count)});
  }
  return table.empty() ? "" : absl::StrCat("\n", title, "\n", table.ToString());
}

std::string EndsText(absl::string_view title,
                     const std::vector<LikelyEnd>& ends) {
  if (ends.empty()) return "";
  Table table;
  for (size_t i = 0; i < std::min(ends.size(), kEndsInText); ++i) {
    const LikelyEnd& end = ends[i];
    table.AddRow({"  " + end.tensor.name(),
                  DTypeName(end.tensor.dtype()) + end.tensor.shape().ToString(),
                  absl::StrJoin(end.reasons, "; ")});
  }
  const std::string rest =
      ends.size() > kEndsInText
          ? absl::StrCat("  and ", ends.size() - kEndsInText, " more\n")
          : "";
  return absl::StrCat("\n", title, "\n", table.ToString(), rest);
}

std::string ParametersText(const std::vector<Parameter>& parameters) {
  if (parameters.empty()) return "";
  std::string text = "\nparameters\n";
  Table kinds;
  for (const auto& [kind, sum] : SumByKind(parameters)) {
    kinds.AddRow({absl::StrCat("  ", ParameterKindName(kind)),
                  absl::StrCat(sum.count), "tensors",
                  absl::StrCat(sum.elements), "elements",
                  BytesText(sum.bytes)});
  }
  absl::StrAppend(&text, kinds.ToString(), "\nparameters by scope\n");
  Table scopes;
  size_t rows = 0;
  const auto by_scope = SumByScope(parameters);
  for (const auto& [scope, sums] : by_scope) {
    if (rows++ == kScopesInText) break;
    std::vector<std::string> parts;
    ParameterSum total;
    for (const auto& [kind, sum] : sums) {
      parts.push_back(absl::StrCat(ParameterKindName(kind), " ", sum.elements));
      total.bytes = SaturatingAdd(total.bytes, sum.bytes);
    }
    scopes.AddRow({"  " + (scope.empty() ? "(root)" : scope),
                   BytesText(total.bytes), absl::StrJoin(parts, ", ")});
  }
  absl::StrAppend(&text, scopes.ToString());
  if (by_scope.size() > kScopesInText) {
    absl::StrAppend(&text, "  and ", by_scope.size() - kScopesInText,
                    " more\n");
  }
  return text;
}

std::string CostsText(const Inspection& result) {
  if (result.costs.empty()) return "";
  Table table;
  for (const Cost& cost : result.costs) {
    table.AddRow({"  batch", absl::StrCat(cost.batch),
                  absl::StrCat(CountText(cost.flops), "FLOPs"),
                  BytesText(cost.activation_bytes),
                  cost.nodes_without_shape == 0
                      ? ""
                      : absl::StrCat(cost.nodes_without_shape,
                                     " nodes of unknown shape "
                                     "left out")});
  }
  return absl::StrCat("\ncost of ", result.outputs.front().tensor.name(), "\n",
                      table.ToString(), "  ", kCostsExplained, "\n");
}

std::string Text(const Inspection& result) {
  std::string text =
      absl::StrCat(ModelKindName(result.kind), " ", result.path, "\n");
  if (result.meta.graph == nullptr) {
    absl::StrAppend(&text, "no graph beside it\n");
  } else {
    absl::StrAppend(&text, result.meta.graph->num_nodes(), " nodes, ",
                    result.ops.size(), " ops");
    if (!result.meta.info.tensorflow_version.empty()) {
      absl::StrAppend(&text, ", written by TensorFlow ",
                      result.meta.info.tensorflow_version);
    }
    absl::StrAppend(&text, "\n");
  }
  absl::StrAppend(&text, EndsText("likely inputs", result.inputs),
                  EndsText("likely outputs", result.outputs));
  absl::StrAppend(&text, ParametersText(result.parameters), CostsText(result));
  absl::StrAppend(&text, CountsText("ops", result.ops),
                  CountsText("ops of functions", result.function_ops));
  if (result.missing.empty()) {
    if (result.meta.graph != nullptr) {
      absl::StrAppend(&text, "\nthis build has every op and kernel for it\n");
    }
    return text;
  }
  absl::StrAppend(
      &text,
      CountsText("ops that this build lacks", result.missing.unknown_ops),
      CountsText("kernels that this build lacks",
                 result.missing.missing_kernels));
  return text;
}

absl::StatusOr<Answer> RunInspect(const Flags& flags, std::ostream& out) {
  TRELLIS_ASSIGN_OR_RETURN(const Inspection result, Inspect(flags));
  out << (WantsJson(flags) ? Json(result) : Text(result));
  return Answer::kYes;
}

}  // namespace

Command InspectCommand() {
  return {
      .name = "inspect",
      .arguments = "FILE",
      .summary = "what a graph, model or checkpoint is",
      .details =
          "Prints the kind of file, likely inputs and outputs with what\n"
          "speaks for them, parameters by scope, the cost of the likeliest\n"
          "output, a histogram of ops, and what this build lacks to run "
          "it.\n",
      .flags = {TagFlag(),
                {"batch", "N",
                 "batch size to state costs for; repeat for several"}},
      .run = RunInspect};
}

}  // namespace trellis
