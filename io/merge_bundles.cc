#include "trellis/io/merge_bundles.h"

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/io/bundle_index.h"
#include "trellis/io/path.h"
#include "trellis/io/publish_bundle.h"
#include "trellis/io/tensor_slice.h"

namespace trellis {
namespace {

// Adds the slices of `more` to those that were there before.
absl::Status MergeSlices(absl::string_view name, const BundleEntry& more,
                         BundleEntry& entry) {
  if (more.slices.empty() || entry.slices.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "tensor \"", absl::CHexEscape(name), "\" is in two of the inputs"));
  }
  if (more.dtype != entry.dtype || more.shape != entry.shape) {
    return absl::InvalidArgumentError(absl::StrCat(
        "tensor \"", name, "\" is ", DTypeName(entry.dtype),
        entry.shape.ToString(), " in one input and ", DTypeName(more.dtype),
        more.shape.ToString(), " in another"));
  }
  entry.slices.insert(entry.slices.end(), more.slices.begin(),
                      more.slices.end());
  std::vector<TensorRegion> regions;
  for (const TensorSlice& slice : entry.slices) {
    TRELLIS_ASSIGN_OR_RETURN(TensorRegion region, RegionOf(slice, entry.shape));
    regions.push_back(std::move(region));
  }
  return CheckDisjoint(regions);
}

// An index under construction and the files its shards are in now.
struct Merged {
  BundleIndex index{.num_shards = 0};
  std::vector<std::string> data_files;

  absl::Status Add(absl::string_view prefix, BundleIndex input) {
    std::map<int, int> new_shard;
    for (auto& [key, entry] : input.entries) {
      const auto [it, is_new] =
          new_shard.emplace(entry.shard, static_cast<int>(data_files.size()));
      if (is_new) {
        data_files.push_back(
            BundleDataPath(prefix, entry.shard, input.num_shards));
      }
      entry.shard = it->second;
      const auto found = index.entries.find(key);
      if (found == index.entries.end()) {
        index.entries.emplace(key, std::move(entry));
      } else {
        TRELLIS_RETURN_IF_ERROR(MergeSlices(key, entry, found->second));
      }
    }
    index.num_shards += input.num_shards;
    return absl::OkStatus();
  }
};

}  // namespace

absl::Status MergeBundles(FileSystem& files,
                          absl::Span<const std::string> inputs,
                          absl::string_view prefix,
                          const MergeBundlesOptions& options) {
  if (inputs.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(prefix, ": no checkpoints to merge"));
  }
  Merged merged;
  for (const std::string& input : inputs) {
    TRELLIS_ASSIGN_OR_RETURN(BundleIndex index, ReadBundleIndex(files, input));
    TRELLIS_RETURN_IF_ERROR(merged.Add(input, std::move(index)));
  }
  TRELLIS_RETURN_IF_ERROR(files.CreateDirs(DirName(prefix)));
  TRELLIS_RETURN_IF_ERROR(
      PublishBundle(files, prefix, merged.data_files, std::move(merged.index)));
  std::set<absl::string_view> folders;
  for (const std::string& input : inputs) {
    // The checkpoint is complete; what cannot be tidied up does no harm.
    files.Delete(BundleIndexPath(input)).IgnoreError();
    folders.insert(DirName(input));
  }
  if (!options.delete_input_folders) return absl::OkStatus();
  for (const absl::string_view folder : folders) {
    files.DeleteDir(folder).IgnoreError();
  }
  return absl::OkStatus();
}

}  // namespace trellis
