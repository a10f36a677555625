#include "trellis/tools/trellis/open_model.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/nearest_names.h"
#include "trellis/io/model_file.h"
#include "trellis/io/path.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/trellis.h"

namespace trellis {

FlagSpec TagFlag() {
  return {"tag", "TAG",
          "graph of a SavedModel with this tag; repeat for several"};
}

absl::StatusOr<Model> OpenModelAt(absl::string_view path, const Flags& flags,
                                  absl::string_view device) {
  LoadOptions options = {.tags = flags.All("tag")};
  options.import.keep_undeclared_attrs = true;
  options.import.default_device = std::string(device);
  return LoadModel(PosixFileSystem::Get(), path, Builtin().ops, options);
}

absl::StatusOr<std::string> CheckpointPrefix(FileSystem& files,
                                             absl::string_view path) {
  TRELLIS_ASSIGN_OR_RETURN(const ModelFile found, FindModelFile(files, path));
  switch (found.kind) {
    case ModelKind::kCheckpoint:
    case ModelKind::kCheckpointV1:
      return found.path;
    case ModelKind::kSavedModel:
    case ModelKind::kSavedModelText:
      return JoinPath(JoinPath(DirName(found.path), "variables"), "variables");
    default:
      return absl::InvalidArgumentError(absl::StrCat(
          path, " is no checkpoint but a ", ModelKindName(found.kind)));
  }
}

absl::StatusOr<Node*> FindNodeOrSuggest(const Graph& graph,
                                        absl::string_view name) {
  if (Node* node = graph.FindNode(name); node != nullptr) return node;
  std::vector<absl::string_view> names;
  for (const Node* node : graph.nodes()) names.push_back(node->name());
  return absl::NotFoundError(absl::StrCat("the graph has no node \"", name,
                                          "\"", DidYouMean(name, names)));
}

absl::StatusOr<Output> FindOutputOrSuggest(const Graph& graph,
                                           absl::string_view name) {
  absl::StatusOr<Output> output = graph.FindOutput(name);
  if (output.ok()) return output;
  TRELLIS_RETURN_IF_ERROR(
      FindNodeOrSuggest(graph, name.substr(0, name.rfind(':'))).status());
  return output;  // the node is there, but not that output of it
}

}  // namespace trellis
