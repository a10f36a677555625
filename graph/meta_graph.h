// MetaGraphDef: a graph with what a program keeps beside it (collections, the
// saver's nodes, signatures, assets), as files `.meta` and as the parts of a
// SavedModel hold it.
//
// What the structs here have no field for (the writer's op definitions, the
// object graph of TensorFlow 2, fields of newer versions) stays in
// MetaGraph::original and is written again; see graph_def.h for the graph
// itself. Nothing here holds locks: a MetaGraph is a value, but for its graph.
#ifndef TRELLIS_GRAPH_META_GRAPH_H_
#define TRELLIS_GRAPH_META_GRAPH_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/graph_def.h"
#include "trellis/graph/shape.h"

namespace trellis {

// ---- collections

// "a" is a node, "a:0" a tensor.
struct NodeNames {
  std::vector<std::string> names;
  bool operator==(const NodeNames&) const = default;
};

// Text, or serialized messages such as VariableDef.
struct BytesItems {
  std::vector<std::string> items;
  bool operator==(const BytesItems&) const = default;
};

// A message with the name of its type, which is TensorFlow's.
struct AnyMessage {
  std::string type_url;
  std::string value;
  bool operator==(const AnyMessage&) const = default;
};

// std::monostate: of a kind that is not known here.
using SavedCollection =
    std::variant<std::monostate, NodeNames, BytesItems, std::vector<int64_t>,
                 std::vector<float>, std::vector<AnyMessage>>;

// ---- variables

// Where a part of a partitioned variable lies in the whole.
struct SaveSlice {
  std::string full_name;  // of the whole: its key in checkpoints
  std::vector<int64_t> full_shape;
  std::vector<int64_t> offset;
  std::vector<int64_t> shape;
  bool operator==(const SaveSlice&) const = default;
};

// What collections of variables hold (R9.29): names of nodes and tensors.
struct VariableRecord {
  std::string variable_name;       // "v:0"
  std::string initializer_name;    // "v/Assign", a node
  std::string initial_value_name;  // "v/zeros:0"; "" in files before 1.4
  std::string snapshot_name;       // "v/read:0"
  bool is_resource = false;
  bool trainable = false;
  std::optional<SaveSlice> slice = std::nullopt;
  int synchronization = 0;  // TensorFlow's enums
  int aggregation = 0;
  bool operator==(const VariableRecord&) const = default;
};

// InvalidArgument if the bytes are no VariableDef, or one that names no
// variable.
absl::StatusOr<VariableRecord> ParseVariableRecord(absl::string_view bytes);
std::string SerializeVariableRecord(const VariableRecord& record);

// ---- saver, signatures, assets

struct SavedSaver {
  std::string filename_tensor_name;  // feed the prefix here
  std::string save_tensor_name;      // fetch this to save
  std::string restore_op_name;       // run this node to restore
  int max_to_keep = 0;
  bool sharded = false;
  float keep_checkpoint_every_n_hours = 0;
  int version = 0;  // 2: tensor bundles
  bool operator==(const SavedSaver&) const = default;
};

struct SignatureTensor {
  // A sparse tensor in coordinate form.
  struct Sparse {
    std::string values, indices, dense_shape;
    bool operator==(const Sparse&) const = default;
  };

  std::string name;  // "" if it is sparse, or composite
  std::optional<Sparse> sparse = std::nullopt;
  DType dtype = kInvalid;
  std::optional<Shape> shape = std::nullopt;
  bool operator==(const SignatureTensor&) const = default;
};

struct Signature {
  std::map<std::string, SignatureTensor> inputs;
  std::map<std::string, SignatureTensor> outputs;
  std::string method_name;  // "tensorflow/serving/predict"
  bool operator==(const Signature&) const = default;
};

struct AssetFile {
  std::string tensor_name;  // of the string that holds the path
  std::string filename;     // in the model's folder "assets"
  bool operator==(const AssetFile&) const = default;
};

// InvalidArgument if the message is no AssetFileDef.
absl::StatusOr<AssetFile> ParseAssetFile(const AnyMessage& any);

struct MetaInfo {
  std::string meta_graph_version;
  std::vector<std::string> tags;
  std::string tensorflow_version;  // of the writer
  std::string tensorflow_git_version;
  bool stripped_default_attrs = false;
  bool operator==(const MetaInfo&) const = default;
};

struct MetaGraph {
  std::unique_ptr<Graph> graph;
  MetaInfo info;
  std::optional<SavedSaver> saver;
  std::map<std::string, SavedCollection> collections;
  std::map<std::string, Signature> signatures;
  std::vector<AssetFile> assets;
  // The message it was read from, in binary form and without the graph; "" if
  // it was made here. A part that still says the same is written as it was.
  std::string original;
};

// Reads binary or text. `ops` must outlive the graph. Operations that `ops`
// lacks get the output types that the writer's op definitions state.
// InvalidArgument for bytes that are no MetaGraphDef, and what ImportGraphDef
// refuses.
absl::StatusOr<MetaGraph> ImportMetaGraph(absl::string_view bytes,
                                          const OpRegistry& ops,
                                          const ImportOptions& options = {});

absl::StatusOr<std::string> ExportMetaGraph(const MetaGraph& meta,
                                            const ExportOptions& options = {});

// The variables under a key of the collections ("variables",
// "trainable_variables", ...), none if the key is missing. Files older than
// TensorFlow 1.9 do not say which are trainable: there the collection
// "trainable_variables" does, as everywhere. InvalidArgument for items that
// are no variables.
absl::StatusOr<std::vector<VariableRecord>> VariablesOf(const MetaGraph& meta,
                                                        absl::string_view key);

// What whoever runs a signature checks first: real models hold signatures that
// nobody could run. NotFound, listing those that are there, if there is none
// of this key. InvalidArgument, naming signature and key, if it names a tensor
// that the graph does not have, has no name, or states another dtype.
absl::Status CheckSignature(const MetaGraph& meta, absl::string_view key);

// The node that a SavedModel wants to be run after its variables were restored,
// "" if none: from the signature __saved_model_init_op, else the collection
// saved_model_main_op, else legacy_init_op. InvalidArgument if one of them does
// not name exactly one node of the graph.
absl::StatusOr<std::string> InitOpName(const MetaGraph& meta);

// The assets of asset_file_def, else of the collection saved_model_assets.
// InvalidArgument if an item is no AssetFileDef, or its file name is not the
// plain name of a file.
absl::StatusOr<std::vector<AssetFile>> AssetsOf(const MetaGraph& meta);

// ---- SavedModel: graphs that differ in their tags

// The tags of each graph of a SavedModel message, binary or text.
absl::StatusOr<std::vector<std::vector<std::string>>> SavedModelTags(
    absl::string_view bytes);

// The graph whose tags are exactly these, as a set. NotFound, listing the tags
// that are there, if no graph or more than one has them.
absl::StatusOr<MetaGraph> ImportSavedModel(absl::string_view bytes,
                                           absl::Span<const std::string> tags,
                                           const OpRegistry& ops,
                                           const ImportOptions& options = {});

}  // namespace trellis

#endif  // TRELLIS_GRAPH_META_GRAPH_H_
