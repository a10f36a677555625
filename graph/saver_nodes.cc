#include "trellis/graph/saver_nodes.h"

#include <algorithm>
#include <map>
#include <random>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "trellis/graph/collections.h"
#include "trellis/graph/device_name.h"
#include "trellis/graph/group.h"
#include "trellis/graph/op_builder.h"
#include "trellis/graph/tensor.h"

namespace trellis {
namespace {

constexpr absl::string_view kCpu0 = "/device:CPU:0";

// One tensor of the checkpoint.
struct Entry {
  std::string key;
  std::string slice;  // as SaveV2 takes it; "" for a whole tensor
  Variable variable;

  const std::string& device() const { return variable.handle().node->device(); }
};
using Entries = std::vector<Entry>;

bool IsPart(const Variable& v) { return !v.info()->full_name.empty(); }

// "5 2 0,3:0,2": the whole's shape, then start and length of each dimension.
std::string SliceText(const Variable& part) {
  const PartitionInfo& partition = part.info()->partition;
  std::string text;
  for (int64_t dim : partition.full_shape.dims()) {
    absl::StrAppend(&text, dim, " ");
  }
  for (int i = 0; i < part.shape().rank(); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ":", partition.offset[i], ",",
                    part.shape().dim(i));
  }
  return text;
}

void AddEntries(const VariableToSave& wanted, Entries* entries) {
  const Variable& v = wanted.variable;
  const std::vector<Variable> parts = v.parts();
  if (parts.empty()) {
    const std::string& own = IsPart(v) ? v.info()->full_name : v.name();
    entries->push_back({wanted.key.empty() ? own : wanted.key,
                        IsPart(v) ? SliceText(v) : "", v});
  }
  for (const Variable& part : parts) {
    AddEntries({part, wanted.key.empty() ? v.name() : wanted.key}, entries);
  }
}

absl::Status Check(const Entries& entries) {
  if (entries.empty()) {
    return absl::InvalidArgumentError("there are no variables to save");
  }
  absl::flat_hash_set<Variable> seen;
  for (size_t i = 0; i < entries.size(); ++i) {
    const Entry& e = entries[i];
    if (!seen.insert(e.variable).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the variable ", e.variable.name(), " is to be saved twice"));
    }
    if (i == 0 || entries[i - 1].key != e.key) continue;
    const Entry& before = entries[i - 1];
    if (IsPart(e.variable) && IsPart(before.variable) &&
        e.variable.info()->full_name == before.variable.info()->full_name) {
      continue;
    }
    return absl::InvalidArgumentError(
        absl::StrCat("the variables ", before.variable.name(), " and ",
                     e.variable.name(), " are both to be saved as ", e.key));
  }
  return absl::OkStatus();
}

Tensor Texts(const Entries& entries, std::string Entry::*text) {
  Tensor texts(kString, {static_cast<int64_t>(entries.size())});
  for (size_t i = 0; i < entries.size(); ++i) {
    texts.flat<std::string>()[i] = entries[i].*text;
  }
  return texts;
}

// `device` with its type and index replaced by the processor's: where the files
// of what is on it are written.
std::string HostOf(const std::string& device) {
  const absl::StatusOr<DeviceName> parsed = DeviceName::Parse(device);
  if (!parsed.ok()) return std::string(kCpu0);
  DeviceName host = *parsed;
  host.type = "CPU";
  host.index = 0;
  return host.ToString();
}

// What makes names of temporary folders differ.
std::string RandomHex() {
  std::random_device random;
  std::string hex;
  for (int i = 0; i < 4; ++i) {
    absl::StrAppend(&hex, absl::Hex(random(), absl::kZeroPad8));
  }
  return hex;
}

class Builder {
 public:
  Builder(Scope scope, const SaverNodesOptions& options,
          SourceLocation location)
      : scope_(std::move(scope)), options_(options), location_(location) {}

  SaverNodes Build(const Entries& entries) {
    const Output filename =
        Placeholder(Tensor::Scalar(options_.filename), "filename");
    SaverNodes nodes = {.filename_tensor = Placeholder(filename, "Const")};
    if (options_.sharded) {
      const auto shards = ShardsOf(entries);
      nodes.save_tensor = SaveShards(nodes.filename_tensor, shards);
      nodes.restore_op = RestoreShards(nodes.filename_tensor, shards);
    } else {
      nodes.save_tensor = Save(scope_, nodes.filename_tensor, entries);
      nodes.restore_op =
          Restore(scope_, nodes.filename_tensor, entries, "restore_all");
    }
    return nodes;
  }

 private:
  // By device: the unplaced first.
  using Shards = std::map<std::string, Entries>;

  static Shards ShardsOf(const Entries& entries) {
    Shards shards;
    for (const Entry& e : entries) shards[e.device()].push_back(e);
    return shards;
  }

  Output Placeholder(const Input& value, absl::string_view name) {
    return Emit(scope_, "PlaceholderWithDefault", {value},
                {{"shape", Shape::Scalar()}}, name, location_);
  }

  // The value to save. A part on another device is brought to the host first.
  Output ValueOf(const Scope& scope, const Entry& e) {
    const Variable& v = e.variable;
    if (!v.is_resource()) return IsPart(v) ? v.snapshot() : v.handle();
    if (!IsPart(v)) return v.snapshot();
    const Scope there = scope.WithDevice(e.device());
    return Emit(there.WithDevice(kCpu0), "Identity", {v.ReadValue(there)}, {},
                "", location_);
  }

  // Returns the prefix, available once it is saved.
  Output Save(const Scope& scope, Output prefix, const Entries& entries) {
    std::vector<Input> values;
    for (const Entry& e : entries) values.push_back(ValueOf(scope, e));
    Node* save = OpBuilder(scope, "SaveV2", "", location_)
                     .Input(prefix)
                     .Input(Texts(entries, &Entry::key))
                     .Input(Texts(entries, &Entry::slice))
                     .InputList(values)
                     .Build();
    return WithDependencies(scope, {save}, prefix, "control_dependency",
                            location_);
  }

  Output SaveShards(Output prefix, const Shards& shards) {
    const Output base = EmitList(
        "StringJoin",
        {prefix, Tensor::Scalar(absl::StrCat("_temp_", RandomHex(), "/part"))});
    const Output count =
        Constant(scope_, Tensor::Scalar(static_cast<int32_t>(shards.size())),
                 "num_shards", location_);
    std::vector<Output> names, saved;
    std::string host;
    for (const auto& [device, entries] : shards) {
      host = HostOf(device);
      const Scope there = scope_.WithDevice(host);
      names.push_back(Emit(
          there, "ShardedFilename",
          {base, Tensor::Scalar(static_cast<int32_t>(names.size())), count}, {},
          "", location_));
      saved.push_back(Save(there, names.back(), entries));
    }
    const Scope after =
        scope_.WithDevice(host).WithControlDependencies(NodeList(saved));
    Node* merge = MergeInto(after, names, prefix);
    return Emit(after.WithControlDependencies({merge}), "Identity", {prefix},
                {}, "", location_);
  }

  Node* MergeInto(const Scope& scope, const std::vector<Output>& names,
                  Output prefix) {
    const Scope merge = scope.NameScope("MergeV2Checkpoints");
    const Output packed =
        OpBuilder(merge, "Pack", "checkpoint_prefixes", location_)
            .InputList(std::vector<Input>(names.begin(), names.end()))
            .Build()
            ->output();
    return EmitNode(merge, "MergeV2Checkpoints", {packed, prefix},
                    {{"delete_old_dirs", true}}, merge.path(), location_);
  }

  Output EmitList(absl::string_view op, const std::vector<Input>& inputs) {
    return OpBuilder(scope_, op, "", location_)
        .InputList(inputs)
        .Build()
        ->output();
  }

  Node* Restore(const Scope& scope, Output prefix, const Entries& entries,
                absl::string_view name) {
    std::vector<DType> dtypes;
    for (const Entry& e : entries) dtypes.push_back(e.variable.dtype());
    Node* restore = EmitNode(
        scope.WithDevice(kCpu0), "RestoreV2",
        {prefix, Texts(entries, &Entry::key), Texts(entries, &Entry::slice)},
        {{"dtypes", std::move(dtypes)}}, "", location_);
    std::vector<Node*> assigns;
    for (size_t i = 0; i < entries.size(); ++i) {
      assigns.push_back(
          Assign(scope, entries[i], restore->output(static_cast<int>(i))));
    }
    return Group(scope, assigns, name, location_);
  }

  Node* Assign(const Scope& scope, const Entry& e, Output value) {
    const Variable& v = e.variable;
    if (options_.reshape && v.shape().fully_defined()) {
      value =
          Emit(scope, "Reshape", {value, DimsOf(v.shape())}, {}, "", location_);
    }
    if (!v.is_resource()) {
      const bool validate = !options_.reshape && v.shape().fully_defined();
      return EmitNode(scope, "Assign", {v.handle(), value},
                      {{"validate_shape", validate}}, "", location_);
    }
    const Scope there = scope.WithDevice(e.device());
    const Output copy = Emit(there, "Identity", {value}, {}, "", location_);
    return EmitNode(there, "AssignVariableOp", {v.handle(), copy}, {}, "",
                    location_);
  }

  static Tensor DimsOf(const Shape& shape) {
    Tensor dims(kInt32, {shape.rank()});
    for (int i = 0; i < shape.rank(); ++i) {
      dims.flat<int32_t>()[i] = static_cast<int32_t>(shape.dim(i));
    }
    return dims;
  }

  Node* RestoreShards(Output prefix, const Shards& shards) {
    std::vector<Node*> restored;
    for (const auto& [device, entries] : shards) {
      restored.push_back(
          Restore(scope_.WithDevice(device), prefix, entries, "restore_shard"));
    }
    return Group(scope_, restored, "restore_all", location_);
  }

  const Scope scope_;
  const SaverNodesOptions& options_;
  const SourceLocation location_;
};

SaverNodes ErrorNodes(Graph& graph) {
  Node* error = graph.error_node();
  return {error->output(), error->output(), error};
}

}  // namespace

SaverNodes AddSaverNodes(const Scope& scope,
                         const std::vector<VariableToSave>& variables,
                         const SaverNodesOptions& options,
                         SourceLocation location) {
  Graph& graph = scope.graph();
  if (!graph.status().ok()) return ErrorNodes(graph);
  Entries entries;
  for (const VariableToSave& v : variables) AddEntries(v, &entries);
  std::stable_sort(
      entries.begin(), entries.end(),
      [](const Entry& a, const Entry& b) { return a.key < b.key; });
  if (const absl::Status status = Check(entries); !status.ok()) {
    graph.AddError(absl::Status(
        status.code(), absl::StrCat("saver nodes (", location.ToString(),
                                    "): ", status.message())));
    return ErrorNodes(graph);
  }
  const Scope save =
      scope.NameScope(options.name.empty() ? "save" : options.name);
  const SaverNodes nodes = Builder(save, options, location).Build(entries);
  return graph.status().ok() ? nodes : ErrorNodes(graph);
}

SaverNodes AddSaverNodes(const Scope& scope, const SaverNodesOptions& options,
                         SourceLocation location) {
  std::vector<VariableToSave> variables;
  for (const Variable& v : GlobalVariables(scope.graph())) {
    variables.push_back({v});
  }
  return AddSaverNodes(scope, variables, options, location);
}

}  // namespace trellis
