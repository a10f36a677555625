// The last step of every writer of bundles: finished data files and an index
// become visible under the bundle's names, at once and durably.
#ifndef TRELLIS_IO_PUBLISH_BUNDLE_H_
#define TRELLIS_IO_PUBLISH_BUNDLE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/io/bundle_index.h"
#include "trellis/io/file_system.h"

namespace trellis {

// Renames data file i of `data_files` to shard i of the bundle `prefix`, then
// puts `index` in place; the index's rename is the moment from which readers
// see the new bundle. `index.num_shards` is at least the number of data files;
// if there is a bundle now, it is raised until no file has the names of the
// shards, so that no data file of the old bundle is touched before its index is
// replaced. These are removed at the end.
//
// The data files must be synced. On failure the old bundle, if any, is whole;
// data files are then under their old or new names.
absl::Status PublishBundle(FileSystem& files, absl::string_view prefix,
                           const std::vector<std::string>& data_files,
                           BundleIndex index);

}  // namespace trellis

#endif  // TRELLIS_IO_PUBLISH_BUNDLE_H_
