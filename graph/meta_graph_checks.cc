// What a MetaGraph says about its graph, checked against it.
#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/meta_graph.h"

namespace trellis {
namespace {

using absl::InvalidArgumentError;
using absl::StrCat;

constexpr absl::string_view kInitOpKey = "__saved_model_init_op";

absl::Status CheckTensor(const Graph& graph, absl::string_view name,
                         DType dtype) {
  const absl::StatusOr<Output> output = graph.FindOutput(name);
  if (!output.ok()) {
    // Unknown ops have the outputs that nodes use, and perhaps more.
    const Node* node = graph.FindNode(name.substr(0, name.rfind(':')));
    const bool unknown = node != nullptr && node->schema() == nullptr;
    return unknown ? absl::OkStatus() : output.status();
  }
  const DType found = BaseType(output->dtype());
  // Of an unknown op nothing else is known.
  if (found == kInvalid || dtype == kInvalid || found == BaseType(dtype)) {
    return absl::OkStatus();
  }
  return InvalidArgumentError(StrCat(name, " is ", DTypeName(found),
                                     ", the signature says ",
                                     DTypeName(dtype)));
}

absl::Status CheckSignatureTensor(const Graph& graph,
                                  const SignatureTensor& tensor) {
  if (tensor.sparse.has_value()) {
    TRELLIS_RETURN_IF_ERROR(
        CheckTensor(graph, tensor.sparse->values, tensor.dtype));
    TRELLIS_RETURN_IF_ERROR(CheckTensor(graph, tensor.sparse->indices, kInt64));
    return CheckTensor(graph, tensor.sparse->dense_shape, kInt64);
  }
  if (tensor.name.empty()) {
    return InvalidArgumentError("it names no tensor");
  }
  return CheckTensor(graph, tensor.name, tensor.dtype);
}

// Before TensorFlow 1.9 VariableDef did not say what is trainable.
bool LacksTrainable(const std::string& version) {
  const std::vector<absl::string_view> parts = absl::StrSplit(version, '.');
  int major = 0, minor = 0;
  return parts.size() >= 2 && absl::SimpleAtoi(parts[0], &major) &&
         absl::SimpleAtoi(parts[1], &minor) &&
         (major < 1 || (major == 1 && minor < 9));
}

absl::StatusOr<std::vector<VariableRecord>> RecordsOf(
    const SavedCollection& collection) {
  std::vector<VariableRecord> records;
  if (const auto* nodes = std::get_if<NodeNames>(&collection)) {
    for (const std::string& name : nodes->names) {
      records.push_back({.variable_name = name});
    }
  } else if (const auto* bytes = std::get_if<BytesItems>(&collection)) {
    for (const std::string& item : bytes->items) {
      TRELLIS_ASSIGN_OR_RETURN(VariableRecord record,
                               ParseVariableRecord(item));
      records.push_back(std::move(record));
    }
  } else {
    return InvalidArgumentError("it holds no variables");
  }
  return records;
}

}  // namespace

absl::StatusOr<std::vector<VariableRecord>> VariablesOf(const MetaGraph& meta,
                                                        absl::string_view key) {
  const auto it = meta.collections.find(std::string(key));
  if (it == meta.collections.end()) return std::vector<VariableRecord>();
  absl::StatusOr<std::vector<VariableRecord>> records = RecordsOf(it->second);
  if (!records.ok()) {
    return InvalidArgumentError(
        StrCat("collection ", key, ": ", records.status().message()));
  }
  const auto trainable = meta.collections.find("trainable_variables");
  if (LacksTrainable(meta.info.tensorflow_version) &&
      trainable != meta.collections.end()) {
    TRELLIS_ASSIGN_OR_RETURN(const std::vector<VariableRecord> trained,
                             RecordsOf(trainable->second));
    absl::flat_hash_set<std::string> names;
    for (const VariableRecord& record : trained) {
      names.insert(record.variable_name);
    }
    for (VariableRecord& record : *records) {
      record.trainable = names.contains(record.variable_name);
    }
  }
  return records;
}

absl::Status CheckSignature(const MetaGraph& meta, absl::string_view key) {
  const auto signature = meta.signatures.find(std::string(key));
  if (signature == meta.signatures.end()) {
    return absl::NotFoundError(
        StrCat("there is no signature ", key, "; there are: ",
               absl::StrJoin(meta.signatures, ", ",
                             [](std::string* out, const auto& present) {
                               out->append(present.first);
                             })));
  }
  for (const auto* tensors :
       {&signature->second.inputs, &signature->second.outputs}) {
    for (const auto& [name, tensor] : *tensors) {
      const absl::Status valid = CheckSignatureTensor(*meta.graph, tensor);
      if (!valid.ok()) {
        return InvalidArgumentError(
            StrCat("signature ", key, ", key ", name, ": ", valid.message()));
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> InitOpName(const MetaGraph& meta) {
  std::string name;
  const auto signature = meta.signatures.find(std::string(kInitOpKey));
  if (signature != meta.signatures.end()) {
    const auto& outputs = signature->second.outputs;
    const auto output = outputs.find(std::string(kInitOpKey));
    if (output == outputs.end()) {
      return InvalidArgumentError(
          StrCat("signature ", kInitOpKey, " has no output of that name"));
    }
    name = output->second.name;
  } else {
    for (const char* key : {"saved_model_main_op", "legacy_init_op"}) {
      const auto it = meta.collections.find(key);
      if (it == meta.collections.end()) continue;
      const auto* nodes = std::get_if<NodeNames>(&it->second);
      if (nodes == nullptr || nodes->names.size() != 1) {
        return InvalidArgumentError(
            StrCat("collection ", key, " must name exactly one node"));
      }
      name = nodes->names[0];
      break;
    }
    if (name.empty()) return name;
  }
  // As a tensor a node is its output 0.
  const absl::string_view node =
      absl::string_view(name).substr(0, name.rfind(':'));
  if (meta.graph->FindNode(node) == nullptr) {
    return InvalidArgumentError(
        StrCat("the init op \"", name, "\" is not in the graph"));
  }
  return std::string(node);
}

absl::StatusOr<std::vector<AssetFile>> AssetsOf(const MetaGraph& meta) {
  std::vector<AssetFile> assets = meta.assets;
  const auto it = meta.collections.find("saved_model_assets");
  if (assets.empty() && it != meta.collections.end()) {
    const auto* anys = std::get_if<std::vector<AnyMessage>>(&it->second);
    if (anys == nullptr) {
      return InvalidArgumentError(
          "collection saved_model_assets does not hold messages");
    }
    for (const AnyMessage& any : *anys) {
      TRELLIS_ASSIGN_OR_RETURN(AssetFile asset, ParseAssetFile(any));
      assets.push_back(std::move(asset));
    }
  }
  for (const AssetFile& asset : assets) {
    if (asset.filename.empty() || asset.filename == "." ||
        asset.filename == ".." || absl::StrContains(asset.filename, '/') ||
        absl::StrContains(asset.filename, '\0')) {
      return InvalidArgumentError(
          StrCat("asset \"", asset.filename, "\" of ", asset.tensor_name,
                 " is not the plain name of a file in the model's folder"));
    }
  }
  return assets;
}

}  // namespace trellis
