#include "trellis/io/load_model.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "trellis/base/status_macros.h"
#include "trellis/io/path.h"
#include "trellis/io/whole_file.h"

namespace trellis {
namespace {

// The most a message can have.
constexpr int64_t kMaxBytes = std::numeric_limits<int32_t>::max();

absl::Status At(absl::string_view path, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat(path, ": ", status.message()));
}

absl::StatusOr<MetaGraph> ReadGraphDef(absl::string_view bytes,
                                       const OpRegistry& ops,
                                       const LoadOptions& options) {
  MetaGraph meta;
  TRELLIS_ASSIGN_OR_RETURN(meta.graph,
                           ImportGraphDef(bytes, ops, options.import));
  return meta;
}

absl::StatusOr<MetaGraph> ReadSavedModel(absl::string_view bytes,
                                         const OpRegistry& ops,
                                         const LoadOptions& options) {
  std::vector<std::string> tags = options.tags;
  if (tags.empty()) {
    TRELLIS_ASSIGN_OR_RETURN(const auto present, SavedModelTags(bytes));
    tags = present.size() == 1 ? present[0] : std::vector<std::string>{"serve"};
  }
  return ImportSavedModel(bytes, tags, ops, options.import);
}

absl::StatusOr<MetaGraph> ReadMetaGraph(ModelKind kind, absl::string_view bytes,
                                        const OpRegistry& ops,
                                        const LoadOptions& options) {
  switch (kind) {
    case ModelKind::kGraphDef:
    case ModelKind::kGraphDefText:
      return ReadGraphDef(bytes, ops, options);
    case ModelKind::kSavedModel:
    case ModelKind::kSavedModelText:
      return ReadSavedModel(bytes, ops, options);
    default:
      return ImportMetaGraph(bytes, ops, options.import);
  }
}

// "model-5-?????-of-00002" and "model-5" have their graph in "model-5.meta".
std::string MetaFileOf(absl::string_view checkpoint) {
  const size_t shards = checkpoint.rfind(
      "-?????"
      "-of-");
  return absl::StrCat(checkpoint.substr(0, shards), ".meta");
}

absl::Status ReadSavedModelParts(FileSystem& files, Model* model) {
  const absl::string_view dir = DirName(model->path);
  TRELLIS_ASSIGN_OR_RETURN(model->init_op, InitOpName(model->meta));
  TRELLIS_ASSIGN_OR_RETURN(const auto assets, AssetsOf(model->meta));
  for (const AssetFile& asset : assets) {
    model->assets.push_back(
        {asset.tensor_name, JoinPath(JoinPath(dir, "assets"), asset.filename)});
  }
  const std::string prefix = JoinPath(JoinPath(dir, "variables"), "variables");
  TRELLIS_ASSIGN_OR_RETURN(const bool has_variables,
                           files.Exists(absl::StrCat(prefix, ".index")));
  if (has_variables) model->checkpoint = prefix;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Model> LoadModel(FileSystem& files, absl::string_view path,
                                const OpRegistry& ops,
                                const LoadOptions& options) {
  TRELLIS_ASSIGN_OR_RETURN(const ModelFile found, FindModelFile(files, path));
  Model model{.kind = found.kind, .path = found.path};
  if (found.kind == ModelKind::kCheckpoint ||
      found.kind == ModelKind::kCheckpointV1) {
    model.checkpoint = found.path;
    model.path = MetaFileOf(found.path);
    TRELLIS_ASSIGN_OR_RETURN(const bool has_graph, files.Exists(model.path));
    if (!has_graph) {
      return absl::NotFoundError(
          absl::StrCat(found.path, ": this checkpoint has no graph beside it (",
                       model.path, ")"));
    }
  }
  TRELLIS_ASSIGN_OR_RETURN(const std::string bytes,
                           ReadWholeFile(files, model.path, kMaxBytes));
  absl::StatusOr<MetaGraph> meta =
      ReadMetaGraph(found.kind, bytes, ops, options);
  if (!meta.ok()) return At(model.path, meta.status());
  model.meta = *std::move(meta);
  if (found.kind == ModelKind::kSavedModel ||
      found.kind == ModelKind::kSavedModelText) {
    if (absl::Status s = ReadSavedModelParts(files, &model); !s.ok()) {
      return At(model.path, s);
    }
  }
  return model;
}

}  // namespace trellis
