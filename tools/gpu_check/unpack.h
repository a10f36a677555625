// Programs that tools/gpu_pack has compressed.
#ifndef TRELLIS_TOOLS_GPU_CHECK_UNPACK_H_
#define TRELLIS_TOOLS_GPU_CHECK_UNPACK_H_

#include <string>

#include "absl/status/status.h"

namespace trellis {

// Makes of a file "<program>.gz" an executable file "<program>" beside it, all
// of it or nothing; keeps one that is there. Errors: DataLoss for a file that
// is damaged, Unavailable where it cannot be read or the program not be
// written.
absl::Status Unpack(const std::string& gz);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_GPU_CHECK_UNPACK_H_
