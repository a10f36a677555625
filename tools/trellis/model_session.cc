#include "trellis/tools/trellis/model_session.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/device_name.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/runtime/device.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/saver.h"
#include "trellis/tools/trellis/open_model.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

// More logical CPUs are certainly a mistake.
constexpr int kMaxDevices = 64;

// The type and the number that --device names, one CPU without it.
struct LocalDevice {
  std::string type;
  int index;
};

absl::StatusOr<LocalDevice> ParseDevice(const std::string& device) {
  DeviceName name;
  if (!device.empty()) {
    TRELLIS_ASSIGN_OR_RETURN(name, DeviceName::Parse(device));
  }
  return LocalDevice{name.type.value_or(std::string(kCpu)),
                     name.index.value_or(0)};
}

absl::Status NoDevice(const std::string& device, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("--device is ", device,
                   ", which this machine or build does "
                   "not have",
                   why.empty() ? "" : ": ", why, "; see trellis devices"));
}

// A session with all devices of the type up to the one that --device names.
absl::StatusOr<std::unique_ptr<Session>> SessionWith(const std::string& device,
                                                     Graph& graph,
                                                     SessionOptions options) {
  TRELLIS_ASSIGN_OR_RETURN(const LocalDevice local, ParseDevice(device));
  const auto& factories = Builtin().devices.factories();
  const bool known = std::any_of(
      factories.begin(), factories.end(),
      [&](const DeviceFactory& made) { return made.type == local.type; });
  if (!known || local.index >= kMaxDevices) return NoDevice(device, "");
  options.device_count[local.type] = local.index + 1;
  TRELLIS_ASSIGN_OR_RETURN(auto session, NewSession(graph, std::move(options)));
  const DeviceSet& devices = session->devices();
  if (devices.Find(LocalDeviceName(local.type, local.index)) < 0) {
    return NoDevice(device, devices.WhyNone(local.type));
  }
  return session;
}

absl::StatusOr<TensorNames> NamesOf(
    const Graph& graph, const std::map<std::string, SignatureTensor>& tensors) {
  TensorNames names;
  for (const auto& [key, tensor] : tensors) {
    TRELLIS_ASSIGN_OR_RETURN(names[key], graph.FindOutput(tensor.name));
  }
  return names;
}

absl::Status UseSignature(const std::string& key, ModelSession& result) {
  TRELLIS_RETURN_IF_ERROR(CheckSignature(result.model.meta, key));
  const Signature& signature = result.model.meta.signatures.at(key);
  const Graph& graph = *result.model.meta.graph;
  TRELLIS_ASSIGN_OR_RETURN(result.inputs, NamesOf(graph, signature.inputs));
  TRELLIS_ASSIGN_OR_RETURN(result.outputs, NamesOf(graph, signature.outputs));
  return absl::OkStatus();
}

// The nodes that a collection names, without names that the graph lacks.
std::vector<Node*> NodesOfCollection(const MetaGraph& meta,
                                     const std::string& key) {
  std::vector<Node*> nodes;
  const auto found = meta.collections.find(key);
  if (found == meta.collections.end()) return nodes;
  const auto* names = std::get_if<NodeNames>(&found->second);
  if (names == nullptr) return nodes;
  for (const std::string& name : names->names) {
    Node* node = meta.graph->FindNode(name.substr(0, name.find(':')));
    if (node != nullptr) nodes.push_back(node);
  }
  return nodes;
}

absl::StatusOr<std::vector<Node*>> InitializersOfVariables(
    const MetaGraph& meta, absl::string_view key) {
  TRELLIS_ASSIGN_OR_RETURN(const auto records, VariablesOf(meta, key));
  std::vector<Node*> nodes;
  for (const VariableRecord& record : records) {
    TRELLIS_ASSIGN_OR_RETURN(
        nodes.emplace_back(),
        FindNodeOrSuggest(*meta.graph, record.initializer_name));
  }
  return nodes;
}

absl::StatusOr<std::vector<Node*>> FindGlobalInitializer(
    const MetaGraph& meta) {
  std::vector<Node*> nodes = NodesOfCollection(meta, "init_op");
  if (!nodes.empty()) return nodes;
  Node* init = meta.graph->FindNode("init");
  if (init != nullptr && init->op() == "NoOp") return std::vector<Node*>{init};
  return InitializersOfVariables(meta, "variables");
}

absl::StatusOr<std::vector<Node*>> FindLocalInitializer(const MetaGraph& meta) {
  std::vector<Node*> nodes = NodesOfCollection(meta, "local_init_op");
  if (!nodes.empty()) return nodes;
  return InitializersOfVariables(meta, "local_variables");
}

absl::Status RunNodes(const Session& session, const std::vector<Node*>& nodes) {
  const Targets targets(nodes.begin(), nodes.end());
  return session.Run(Feeds{}, Fetches{}, targets).status();
}

// The variables that the collection of global ones lists: those that TensorFlow
// saves. Empty if there is no such collection, or a malformed one.
std::set<std::string> GlobalVariableNames(const MetaGraph& meta) {
  std::set<std::string> names;
  const auto records = VariablesOf(meta, "variables");
  if (!records.ok()) return names;
  for (const VariableRecord& record : *records) {
    names.insert(
        record.variable_name.substr(0, record.variable_name.rfind(':')));
  }
  return names;
}

// Missing values are an error, but for variables that are not global.
absl::Status Restore(const std::string& prefix, const ModelSession& model) {
  FileSystem& files = PosixFileSystem::Get();
  const std::set<std::string> global = GlobalVariableNames(model.model.meta);
  TRELLIS_ASSIGN_OR_RETURN(
      CheckpointMatch match,
      MatchCheckpoint(files, prefix, *model.model.meta.graph));
  std::erase_if(match.missing, [&](const CheckpointMatch::Missing& missing) {
    return !global.empty() && !global.contains(missing.wanted.variable);
  });
  TRELLIS_RETURN_IF_ERROR(match.Check(prefix, /*allow_missing=*/false,
                                      /*allow_different=*/false));
  return Saver(files)
      .Restore(*model.session, prefix, {.allow_missing = true})
      .status();
}

absl::Status RunInitOp(const ModelSession& model) {
  Feeds feeds;
  for (const AssetPath& asset : model.model.assets) {
    feeds.push_back({TensorRef(asset.tensor_name),
                     Tensor::Scalar(std::string(asset.path))});
  }
  return model.session
      ->Run(feeds, Fetches{}, Targets{TargetRef(model.model.init_op)})
      .status();
}

}  // namespace

std::vector<FlagSpec> ModelSessionFlags() {
  return {TagFlag(),
          {"signature", "KEY", "feed and fetch by the keys of this signature"},
          {"checkpoint", "PREFIX", "restore the variables from here"},
          {"init", "", "run the initializer first, before a restore"},
          {"threads", "N", "that compute; one per processor if not given"},
          {"no-optimize", "", "no folding, merging, computing in place"},
          {"no-plan", "", "decide every step anew in every run"},
          {"device", "DEVICE", "of nodes that ask for none: /cpu:1"}};
}

absl::StatusOr<ModelSession> OpenModelSession(const Flags& flags) {
  const std::string device = flags.Get("device");
  SessionOptions options = {.allow_soft_placement = true,
                            .optimize = !flags.Has("no-optimize"),
                            .plan = !flags.Has("no-plan")};
  TRELLIS_ASSIGN_OR_RETURN(const int64_t threads,
                           flags.IntOr("threads", -1, 0));
  options.threads =
      static_cast<int>(std::min<int64_t>(threads, Team::kMaxThreads));
  ModelSession result;
  TRELLIS_ASSIGN_OR_RETURN(result.model, OpenModel(flags, device));
  if (flags.Has("signature")) {
    TRELLIS_RETURN_IF_ERROR(UseSignature(flags.Get("signature"), result));
  }
  TRELLIS_ASSIGN_OR_RETURN(
      result.session,
      SessionWith(device, *result.model.meta.graph, std::move(options)));
  return result;
}

absl::StatusOr<std::vector<Node*>> FindInitializer(const MetaGraph& meta) {
  TRELLIS_ASSIGN_OR_RETURN(std::vector<Node*> nodes,
                           FindGlobalInitializer(meta));
  TRELLIS_ASSIGN_OR_RETURN(const std::vector<Node*> local,
                           FindLocalInitializer(meta));
  nodes.insert(nodes.end(), local.begin(), local.end());
  if (!nodes.empty()) return nodes;
  return absl::NotFoundError(
      "--init: the graph has no collection init_op, no NoOp named init, and no "
      "collection of variables that says how they are initialized");
}

bool HasUnsavedVariables(const MetaGraph& meta) {
  const std::set<std::string> global = GlobalVariableNames(meta);
  if (global.empty()) return false;
  for (const Node* node : meta.graph->nodes()) {
    if (node->schema() != nullptr && node->schema()->variable &&
        !global.contains(node->name())) {
      return true;
    }
  }
  return false;
}

absl::Status GiveValues(const Flags& flags, ModelSession& model) {
  if (flags.Has("init")) {
    TRELLIS_ASSIGN_OR_RETURN(const std::vector<Node*> nodes,
                             FindInitializer(model.model.meta));
    TRELLIS_RETURN_IF_ERROR(RunNodes(*model.session, nodes));
  }
  std::string prefix = model.model.checkpoint;
  if (flags.Has("checkpoint")) {
    TRELLIS_ASSIGN_OR_RETURN(prefix, CheckpointPrefix(PosixFileSystem::Get(),
                                                      flags.Get("checkpoint")));
  }
  if (!prefix.empty()) TRELLIS_RETURN_IF_ERROR(Restore(prefix, model));
  if (!model.model.init_op.empty()) return RunInitOp(model);
  return absl::OkStatus();
}

}  // namespace trellis
