// The model that a command's first argument names.
#ifndef TRELLIS_TOOLS_TRELLIS_OPEN_MODEL_H_
#define TRELLIS_TOOLS_TRELLIS_OPEN_MODEL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/graph.h"
#include "trellis/io/file_system.h"
#include "trellis/io/load_model.h"
#include "trellis/tools/trellis/flags.h"

namespace trellis {

// --tag, of every command that takes a model.
FlagSpec TagFlag();

// Loads a model with --tag; keeps what this build does not know. Nodes that ask
// for no device get `device`. Reads no checkpoint. Errors as LoadModel.
absl::StatusOr<Model> OpenModelAt(absl::string_view path, const Flags& flags,
                                  absl::string_view device = "");

// The same for the first argument.
inline absl::StatusOr<Model> OpenModel(const Flags& flags,
                                       absl::string_view device = "") {
  return OpenModelAt(flags.args()[0], flags, device);
}

// The checkpoint that an argument names: its prefix, one of its files, or the
// folder it is the newest of, a SavedModel's too. InvalidArgument if that is
// something else.
absl::StatusOr<std::string> CheckpointPrefix(FileSystem& files,
                                             absl::string_view path);

// NotFound, with the nearest names, if there is no node of that name.
absl::StatusOr<Node*> FindNodeOrSuggest(const Graph& graph,
                                        absl::string_view name);

// The tensor "a/b:1", or output 0 of the node "a/b". NotFound as above.
absl::StatusOr<Output> FindOutputOrSuggest(const Graph& graph,
                                           absl::string_view name);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_OPEN_MODEL_H_
