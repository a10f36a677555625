// What kind of model or checkpoint a path is, told by content, not by name.
#ifndef TRELLIS_IO_MODEL_FILE_H_
#define TRELLIS_IO_MODEL_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/io/file_system.h"

namespace trellis {

enum class ModelKind {
  kGraphDef,
  kGraphDefText,
  kMetaGraph,
  kMetaGraphText,
  kSavedModel,
  kSavedModelText,
  kCheckpoint,    // V2: a tensor bundle
  kCheckpointV1,  // one sorted table, or several
};

// "graph_def", "graph_def_text", ..., "checkpoint", "checkpoint_v1".
absl::string_view ModelKindName(ModelKind kind);

struct ModelFile {
  ModelKind kind;
  // The file to read; of a checkpoint its prefix, which may be a pattern for
  // kCheckpointV1 ("m-?????-of-00002").
  std::string path;
};

// Finds out what `path` is:
//   a file      any of the kinds; an index or data file stands for its
//               checkpoint
//   a folder    what its saved_model.pb is, else its saved_model.pbtxt, else
//   the
//               newest checkpoint of its state file
//   neither     the prefix of a checkpoint
// Reads a few kilobytes, however large the files are, so a file that is broken
// further on still has a kind.
//
// NotFound if there is nothing; Unimplemented for a SavedModel in the split
// form of later TensorFlows (saved_model.cpb); InvalidArgument if it is none of
// these, with the path; else the file system's error.
absl::StatusOr<ModelFile> FindModelFile(FileSystem& files,
                                        absl::string_view path);

}  // namespace trellis

#endif  // TRELLIS_IO_MODEL_FILE_H_
