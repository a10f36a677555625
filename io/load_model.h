// Models from files: a graph with whatever its file keeps beside it.
#ifndef TRELLIS_IO_LOAD_MODEL_H_
#define TRELLIS_IO_LOAD_MODEL_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/graph_def.h"
#include "trellis/graph/meta_graph.h"
#include "trellis/graph/op_schema.h"
#include "trellis/io/file_system.h"
#include "trellis/io/model_file.h"

namespace trellis {

struct LoadOptions {
  // Which graph of a SavedModel. Empty: its only one, or the one tagged
  // "serve" alone.
  std::vector<std::string> tags = {};
  ImportOptions import = {};
};

// A file whose path is fed to the model's graph.
struct AssetPath {
  std::string tensor_name;
  std::string path;
};

struct Model {
  ModelKind kind;
  std::string path;  // the file that was read
  // Of a GraphDef the graph alone.
  MetaGraph meta;
  // The checkpoint with the values of its variables; "" if there is none.
  std::string checkpoint;
  // Of a SavedModel: the node to run after the variables were restored, ""
  // if none, and the assets to feed when it runs.
  std::string init_op = "";
  std::vector<AssetPath> assets = {};
};

// Loads what FindModelFile finds: a GraphDef, a MetaGraphDef, a SavedModel, or
// the MetaGraphDef beside a checkpoint ("<prefix>.meta"). `ops` must outlive
// the model.
//
// NotFound: no such file; a checkpoint without MetaGraphDef; no graph with
// these tags, or several. InvalidArgument, with the path: a damaged file, what
// ImportGraphDef refuses, a malformed init op or asset (a path out
// of the model's folder is refused).
absl::StatusOr<Model> LoadModel(FileSystem& files, absl::string_view path,
                                const OpRegistry& ops,
                                const LoadOptions& options = {});

}  // namespace trellis

#endif  // TRELLIS_IO_LOAD_MODEL_H_
