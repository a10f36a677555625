// MetaGraphDef and SavedModel messages to and from MetaGraph.
#include "trellis/graph/meta_graph.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/arena.h"
#include "trellis/base/check.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/graph_def_proto.h"
#include "trellis/graph/proto_io.h"
#include "trellis/graph/tensor_proto.h"
#include "trellis/proto/meta_graph.pb.h"
#include "trellis/proto/saved_model.pb.h"
#include "trellis/proto/text.h"
#include "trellis/proto/variable.pb.h"

namespace trellis {
namespace {

using absl::InvalidArgumentError;
using absl::StrCat;
using ::google::protobuf::Arena;

template <typename List>
auto ToVector(const List& list) {
  using T = typename List::value_type;
  return std::vector<T>(list.begin(), list.end());
}

template <typename T, typename List>
void Assign(const std::vector<T>& values, List* list) {
  list->Clear();
  for (const T& value : values) *list->Add() = value;
}

// ---- each part, read and written

MetaInfo InfoFrom(const proto::MetaGraphDef::MetaInfoDef& m) {
  return {.meta_graph_version = m.meta_graph_version(),
          .tags = ToVector(m.tags()),
          .tensorflow_version = m.tensorflow_version(),
          .tensorflow_git_version = m.tensorflow_git_version(),
          .stripped_default_attrs = m.stripped_default_attrs()};
}

void WriteInfo(const MetaInfo& info, proto::MetaGraphDef::MetaInfoDef* m) {
  m->set_meta_graph_version(info.meta_graph_version);
  Assign(info.tags, m->mutable_tags());
  m->set_tensorflow_version(info.tensorflow_version);
  m->set_tensorflow_git_version(info.tensorflow_git_version);
  m->set_stripped_default_attrs(info.stripped_default_attrs);
}

SavedSaver SaverFrom(const proto::SaverDef& m) {
  return {.filename_tensor_name = m.filename_tensor_name(),
          .save_tensor_name = m.save_tensor_name(),
          .restore_op_name = m.restore_op_name(),
          .max_to_keep = m.max_to_keep(),
          .sharded = m.sharded(),
          .keep_checkpoint_every_n_hours = m.keep_checkpoint_every_n_hours(),
          .version = m.version()};
}

void WriteSaver(const SavedSaver& saver, proto::SaverDef* m) {
  m->set_filename_tensor_name(saver.filename_tensor_name);
  m->set_save_tensor_name(saver.save_tensor_name);
  m->set_restore_op_name(saver.restore_op_name);
  m->set_max_to_keep(saver.max_to_keep);
  m->set_sharded(saver.sharded);
  m->set_keep_checkpoint_every_n_hours(saver.keep_checkpoint_every_n_hours);
  m->set_version(
      static_cast<proto::SaverDef::CheckpointFormatVersion>(saver.version));
}

SavedCollection CollectionFrom(const proto::CollectionDef& m) {
  switch (m.kind_case()) {
    case proto::CollectionDef::kNodeList:
      return NodeNames{ToVector(m.node_list().value())};
    case proto::CollectionDef::kBytesList:
      return BytesItems{ToVector(m.bytes_list().value())};
    case proto::CollectionDef::kInt64List:
      return std::vector<int64_t>(m.int64_list().value().begin(),
                                  m.int64_list().value().end());
    case proto::CollectionDef::kFloatList:
      return ToVector(m.float_list().value());
    case proto::CollectionDef::kAnyList: {
      std::vector<AnyMessage> anys;
      for (const auto& any : m.any_list().value()) {
        anys.push_back({any.type_url(), any.value()});
      }
      return anys;
    }
    case proto::CollectionDef::KIND_NOT_SET:
      break;
  }
  return std::monostate();
}

struct CollectionWriter {
  proto::CollectionDef* m;

  void operator()(std::monostate) const { m->Clear(); }
  void operator()(const NodeNames& nodes) const {
    Assign(nodes.names, m->mutable_node_list()->mutable_value());
  }
  void operator()(const BytesItems& bytes) const {
    Assign(bytes.items, m->mutable_bytes_list()->mutable_value());
  }
  void operator()(const std::vector<int64_t>& ints) const {
    Assign(ints, m->mutable_int64_list()->mutable_value());
  }
  void operator()(const std::vector<float>& floats) const {
    Assign(floats, m->mutable_float_list()->mutable_value());
  }
  void operator()(const std::vector<AnyMessage>& anys) const {
    m->mutable_any_list()->clear_value();
    for (const AnyMessage& any : anys) {
      auto* value = m->mutable_any_list()->add_value();
      value->set_type_url(any.type_url);
      value->set_value(any.value);
    }
  }
};

void WriteCollection(const SavedCollection& collection,
                     proto::CollectionDef* m) {
  std::visit(CollectionWriter{m}, collection);
}

absl::StatusOr<SignatureTensor> SignatureTensorFrom(
    const proto::TensorInfo& m) {
  SignatureTensor tensor{.name = m.name()};
  if (m.has_coo_sparse()) {
    tensor.sparse = {m.coo_sparse().values_tensor_name(),
                     m.coo_sparse().indices_tensor_name(),
                     m.coo_sparse().dense_shape_tensor_name()};
  }
  if (m.dtype() < 0 || m.dtype() > 255) {
    return InvalidArgumentError(StrCat("dtype ", m.dtype(), " is none"));
  }
  tensor.dtype = static_cast<DType>(m.dtype());
  if (m.has_tensor_shape()) {
    DecodeState state;
    TRELLIS_ASSIGN_OR_RETURN(tensor.shape,
                             ShapeFromProto(m.tensor_shape(), state));
  }
  return tensor;
}

void WriteSignatureTensor(const SignatureTensor& tensor, proto::TensorInfo* m) {
  if (tensor.sparse.has_value()) {
    auto* sparse = m->mutable_coo_sparse();
    sparse->set_values_tensor_name(tensor.sparse->values);
    sparse->set_indices_tensor_name(tensor.sparse->indices);
    sparse->set_dense_shape_tensor_name(tensor.sparse->dense_shape);
  } else if (!tensor.name.empty()) {
    m->set_name(tensor.name);
  }
  m->set_dtype(static_cast<proto::DataType>(tensor.dtype));
  if (tensor.shape.has_value()) {
    ShapeToProto(*tensor.shape, m->mutable_tensor_shape());
  } else {
    m->clear_tensor_shape();
  }
}

using SignatureTensors = std::map<std::string, SignatureTensor>;
using TensorInfos = google::protobuf::Map<std::string, proto::TensorInfo>;

absl::StatusOr<SignatureTensors> SignatureTensorsFrom(
    const TensorInfos& infos) {
  SignatureTensors tensors;
  for (const auto& [key, info] : infos) {
    absl::StatusOr<SignatureTensor> tensor = SignatureTensorFrom(info);
    if (!tensor.ok()) {
      return InvalidArgumentError(
          StrCat("key ", key, ": ", tensor.status().message()));
    }
    tensors[key] = *std::move(tensor);
  }
  return tensors;
}

absl::StatusOr<Signature> SignatureFrom(const proto::SignatureDef& m) {
  Signature signature{.method_name = m.method_name()};
  TRELLIS_ASSIGN_OR_RETURN(signature.inputs, SignatureTensorsFrom(m.inputs()));
  TRELLIS_ASSIGN_OR_RETURN(signature.outputs,
                           SignatureTensorsFrom(m.outputs()));
  return signature;
}

// Writes a map of parts over the messages it was read from: keys that are gone
// are erased, and parts that say what their message says are left alone.
template <typename Part, typename Message, typename Read, typename Write>
void WriteMap(const std::map<std::string, Part>& parts, Read read, Write write,
              google::protobuf::Map<std::string, Message>* messages) {
  std::vector<std::string> gone;
  for (const auto& [key, message] : *messages) {
    if (!parts.contains(key)) gone.push_back(key);
  }
  for (const std::string& key : gone) messages->erase(key);
  for (const auto& [key, part] : parts) {
    Message& message = (*messages)[key];
    const absl::StatusOr<Part> before = read(message);
    if (!before.ok() || !(*before == part)) write(part, &message);
  }
}

void WriteSignature(const Signature& signature, proto::SignatureDef* m) {
  WriteMap(signature.inputs, SignatureTensorFrom, WriteSignatureTensor,
           m->mutable_inputs());
  WriteMap(signature.outputs, SignatureTensorFrom, WriteSignatureTensor,
           m->mutable_outputs());
  m->set_method_name(signature.method_name);
}

AssetFile AssetFrom(const proto::AssetFileDef& m) {
  return {.tensor_name = m.tensor_info().name(), .filename = m.filename()};
}

std::vector<AssetFile> AssetsFrom(const proto::MetaGraphDef& m) {
  std::vector<AssetFile> assets;
  for (const auto& asset : m.asset_file_def()) {
    assets.push_back(AssetFrom(asset));
  }
  return assets;
}

void WriteAssets(const std::vector<AssetFile>& assets, proto::MetaGraphDef* m) {
  m->clear_asset_file_def();
  for (const AssetFile& asset : assets) {
    auto* def = m->add_asset_file_def();
    def->mutable_tensor_info()->set_name(asset.tensor_name);
    def->set_filename(asset.filename);
  }
}

// ---- the whole

absl::StatusOr<MetaGraph> FromMessage(proto::MetaGraphDef* m,
                                      const OpRegistry& ops,
                                      const ImportOptions& options) {
  MetaGraph meta;
  meta.info = InfoFrom(m->meta_info_def());
  if (m->has_saver_def()) meta.saver = SaverFrom(m->saver_def());
  for (const auto& [key, collection] : m->collection_def()) {
    meta.collections[key] = CollectionFrom(collection);
  }
  for (const auto& [key, message] : m->signature_def()) {
    absl::StatusOr<Signature> signature = SignatureFrom(message);
    if (!signature.ok()) {
      return InvalidArgumentError(
          StrCat("signature ", key, ", ", signature.status().message()));
    }
    meta.signatures[key] = *std::move(signature);
  }
  meta.assets = AssetsFrom(*m);
  meta.graph = std::make_unique<Graph>(ops);
  TRELLIS_ASSIGN_OR_RETURN(const std::string graph_def,
                           SerializeMessage(m->graph_def()));
  TRELLIS_RETURN_IF_ERROR(ImportGraph(graph_def,
                                      m->meta_info_def().stripped_op_list(),
                                      *meta.graph, options)
                              .status());
  m->clear_graph_def();
  TRELLIS_ASSIGN_OR_RETURN(meta.original, SerializeMessage(*m));
  return meta;
}

absl::Status ToMessage(const MetaGraph& meta, const ExportOptions& options,
                       proto::MetaGraphDef* m) {
  TRELLIS_CHECK(m->ParseFromString(meta.original));
  if (!(InfoFrom(m->meta_info_def()) == meta.info)) {
    WriteInfo(meta.info, m->mutable_meta_info_def());
  }
  if (!meta.saver.has_value()) {
    m->clear_saver_def();
  } else if (!m->has_saver_def() ||
             !(SaverFrom(m->saver_def()) == *meta.saver)) {
    WriteSaver(*meta.saver, m->mutable_saver_def());
  }
  WriteMap(
      meta.collections,
      [](const auto& c) -> absl::StatusOr<SavedCollection> {
        return CollectionFrom(c);
      },
      WriteCollection, m->mutable_collection_def());
  WriteMap(meta.signatures, SignatureFrom, WriteSignature,
           m->mutable_signature_def());
  if (AssetsFrom(*m) != meta.assets) WriteAssets(meta.assets, m);
  return ExportGraph(*meta.graph, options, m->mutable_graph_def());
}

std::set<std::string> TagsOf(const proto::MetaGraphDef& m) {
  return {m.meta_info_def().tags().begin(), m.meta_info_def().tags().end()};
}

std::string TagText(const proto::MetaGraphDef& m) {
  return StrCat("{", absl::StrJoin(TagsOf(m), ", "), "}");
}

}  // namespace

absl::StatusOr<VariableRecord> ParseVariableRecord(absl::string_view bytes) {
  proto::VariableDef m;
  if (!m.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      m.variable_name().empty()) {
    return InvalidArgumentError(
        StrCat(bytes.size(), " bytes that should be a VariableDef are none"));
  }
  VariableRecord record{.variable_name = m.variable_name(),
                        .initializer_name = m.initializer_name(),
                        .initial_value_name = m.initial_value_name(),
                        .snapshot_name = m.snapshot_name(),
                        .is_resource = m.is_resource(),
                        .trainable = m.trainable(),
                        .synchronization = m.synchronization(),
                        .aggregation = m.aggregation()};
  if (m.has_save_slice_info_def()) {
    const auto& slice = m.save_slice_info_def();
    record.slice = {
        .full_name = slice.full_name(),
        .full_shape = {slice.full_shape().begin(), slice.full_shape().end()},
        .offset = {slice.var_offset().begin(), slice.var_offset().end()},
        .shape = {slice.var_shape().begin(), slice.var_shape().end()}};
  }
  return record;
}

std::string SerializeVariableRecord(const VariableRecord& record) {
  proto::VariableDef m;
  m.set_variable_name(record.variable_name);
  m.set_initializer_name(record.initializer_name);
  m.set_initial_value_name(record.initial_value_name);
  m.set_snapshot_name(record.snapshot_name);
  m.set_is_resource(record.is_resource);
  m.set_trainable(record.trainable);
  m.set_synchronization(
      static_cast<proto::VariableSynchronization>(record.synchronization));
  m.set_aggregation(
      static_cast<proto::VariableAggregation>(record.aggregation));
  if (record.slice.has_value()) {
    auto* slice = m.mutable_save_slice_info_def();
    slice->set_full_name(record.slice->full_name);
    Assign(record.slice->full_shape, slice->mutable_full_shape());
    Assign(record.slice->offset, slice->mutable_var_offset());
    Assign(record.slice->shape, slice->mutable_var_shape());
  }
  return m.SerializeAsString();
}

absl::StatusOr<AssetFile> ParseAssetFile(const AnyMessage& any) {
  proto::AssetFileDef m;
  if (!m.ParseFromString(any.value)) {
    return InvalidArgumentError(
        StrCat("an asset of ", any.value.size(), " bytes is no AssetFileDef"));
  }
  return AssetFrom(m);
}

absl::StatusOr<MetaGraph> ImportMetaGraph(absl::string_view bytes,
                                          const OpRegistry& ops,
                                          const ImportOptions& options) {
  Arena arena;
  auto* m = Arena::CreateMessage<proto::MetaGraphDef>(&arena);
  TRELLIS_RETURN_IF_ERROR(ParseMessage(bytes, "MetaGraphDef", m));
  return FromMessage(m, ops, options);
}

absl::StatusOr<std::string> ExportMetaGraph(const MetaGraph& meta,
                                            const ExportOptions& options) {
  Arena arena;
  auto* m = Arena::CreateMessage<proto::MetaGraphDef>(&arena);
  TRELLIS_RETURN_IF_ERROR(ToMessage(meta, options, m));
  if (options.format == MessageFormat::kText) return PrintText(*m);
  return SerializeMessage(*m);
}

absl::StatusOr<std::vector<std::vector<std::string>>> SavedModelTags(
    absl::string_view bytes) {
  Arena arena;
  auto* model = Arena::CreateMessage<proto::SavedModel>(&arena);
  TRELLIS_RETURN_IF_ERROR(ParseMessage(bytes, "SavedModel", model));
  std::vector<std::vector<std::string>> tags;
  for (const auto& meta : model->meta_graphs()) {
    tags.push_back(ToVector(meta.meta_info_def().tags()));
  }
  return tags;
}

absl::StatusOr<MetaGraph> ImportSavedModel(absl::string_view bytes,
                                           absl::Span<const std::string> tags,
                                           const OpRegistry& ops,
                                           const ImportOptions& options) {
  Arena arena;
  auto* model = Arena::CreateMessage<proto::SavedModel>(&arena);
  TRELLIS_RETURN_IF_ERROR(ParseMessage(bytes, "SavedModel", model));
  const std::set<std::string> wanted(tags.begin(), tags.end());
  proto::MetaGraphDef* found = nullptr;
  int matches = 0;
  std::vector<std::string> present;
  for (auto& meta : *model->mutable_meta_graphs()) {
    present.push_back(TagText(meta));
    if (TagsOf(meta) != wanted) continue;
    ++matches;
    found = &meta;
  }
  if (matches != 1) {
    return absl::NotFoundError(
        StrCat(matches == 0 ? "no graph" : StrCat(matches, " graphs"),
               " of the SavedModel has the tags {", absl::StrJoin(wanted, ", "),
               "}; it has ",
               present.empty() ? "no graphs" : absl::StrJoin(present, ", ")));
  }
  return FromMessage(found, ops, options);
}

}  // namespace trellis
