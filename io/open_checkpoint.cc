#include "trellis/io/open_checkpoint.h"

#include "trellis/base/status_macros.h"
#include "trellis/io/bundle_index.h"
#include "trellis/io/tensor_bundle_reader.h"
#include "trellis/io/v1_checkpoint_reader.h"

namespace trellis {

absl::StatusOr<std::unique_ptr<CheckpointReader>> OpenCheckpoint(
    FileSystem& files, absl::string_view prefix,
    const CheckpointLimits& limits) {
  TRELLIS_ASSIGN_OR_RETURN(const bool is_v2,
                           files.Exists(BundleIndexPath(prefix)));
  if (is_v2) return TensorBundleReader::Open(files, prefix, limits);
  return V1CheckpointReader::Open(files, prefix, limits);
}

}  // namespace trellis
