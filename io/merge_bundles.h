// Makes one bundle of several: the second half of a sharded save, in which
// each device first writes a bundle of its own.
#ifndef TRELLIS_IO_MERGE_BUNDLES_H_
#define TRELLIS_IO_MERGE_BUNDLES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "trellis/io/file_system.h"

namespace trellis {

struct MergeBundlesOptions {
  // Delete the folders the inputs were in, if nothing else is in them.
  bool delete_input_folders = true;
};

// Moves the data files of the bundles `inputs` to `prefix`, numbered in the
// order in which the inputs, read one after the other, first use them, and
// writes the common index; then deletes the inputs' indexes. A bundle that is
// at `prefix` stays whole until the new one is (publish_bundle.h).
//
// InvalidArgument without inputs, for a tensor that two of them have, or for
// slices of one tensor that overlap or differ in type or shape; else the errors
// of reading and writing. After a failure before the new bundle is complete
// the inputs may have lost data files to the new names.
absl::Status MergeBundles(FileSystem& files,
                          absl::Span<const std::string> inputs,
                          absl::string_view prefix,
                          const MergeBundlesOptions& options = {});

}  // namespace trellis

#endif  // TRELLIS_IO_MERGE_BUNDLES_H_
