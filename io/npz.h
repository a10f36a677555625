// NumPy's files of several named arrays, .npz: a zip archive with a member
// "NAME.npy" (npy.h) for each, stored or deflated. Names may hold slashes.
#ifndef TRELLIS_IO_NPZ_H_
#define TRELLIS_IO_NPZ_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/tensor.h"

namespace trellis {

// By name, without ".npy".
using NamedArrays = std::map<std::string, Tensor>;

// The arrays of a whole .npz file. InvalidArgument if it is no zip archive, or
// not one that NumPy writes (encrypted or split, a member that is no .npy, a
// name that occurs twice); DataLoss where it is damaged: sizes and checksums of
// all members are verified. Takes at most some thousand times the file's size
// of memory, which is what deflate can do to zeros.
absl::StatusOr<NamedArrays> ParseNpz(absl::string_view bytes);

// The file of the arrays, stored. InvalidArgument as SerializeNpy, and past the
// 4 GiB or 65534 members that such an archive can have.
absl::StatusOr<std::string> SerializeNpz(const NamedArrays& arrays);

}  // namespace trellis

#endif  // TRELLIS_IO_NPZ_H_
