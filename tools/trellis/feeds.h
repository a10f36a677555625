// The arrays that --feed names, and the tensors that they are fed to.
#ifndef TRELLIS_TOOLS_TRELLIS_FEEDS_H_
#define TRELLIS_TOOLS_TRELLIS_FEEDS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/tensor.h"
#include "trellis/io/file_system.h"

namespace trellis {

struct FedArray {
  Output tensor;
  std::string name;  // as the flag or the archive has it
  Tensor value;
};

// Names that stand for tensors: the keys of a signature's inputs or outputs.
using TensorNames = std::map<std::string, Output>;

// The tensor that `name` means: one of `names`, else of the graph. NotFound,
// with the nearest names, if there is none.
absl::StatusOr<Output> ResolveTensor(const Graph& graph,
                                     const TensorNames& names,
                                     absl::string_view name);

// Reads what each text names:
//
//   NAME=FILE.npy          an array
//   NAME=FILE.npz:MEMBER   one of an archive; of a single one without ":MEMBER"
//   FILE.npz               each member whose name is that of a tensor
//
// InvalidArgument, with the text: malformed, a tensor that is fed twice, an
// archive with no member to feed. Else the errors of FileSystem, ParseNpy,
// ParseNpz and ResolveTensor.
absl::StatusOr<std::vector<FedArray>> ReadFeeds(
    FileSystem& files, absl::Span<const std::string> texts, const Graph& graph,
    const TensorNames& names);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_FEEDS_H_
