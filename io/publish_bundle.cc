#include "trellis/io/publish_bundle.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "trellis/base/status_macros.h"
#include "trellis/io/path.h"
#include "trellis/io/whole_file.h"

namespace trellis {
namespace {

// Whether `name` is that of a data file of the bundle with this base name.
bool IsDataFile(absl::string_view name, absl::string_view base) {
  const auto digits = [](absl::string_view text) {
    return text.size() == 5 &&
           std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  };
  return absl::ConsumePrefix(&name, base) &&
         absl::ConsumePrefix(&name, ".data-") && name.size() == 14 &&
         digits(name.substr(0, 5)) && name.substr(5, 4) == "-of-" &&
         digits(name.substr(9));
}

absl::Status WriteIndex(FileSystem& files, const BundleIndex& index,
                        TemporaryFile& temporary) {
  TRELLIS_RETURN_IF_ERROR(WriteBundleIndex(index, *temporary.file));
  TRELLIS_RETURN_IF_ERROR(temporary.file->Sync());
  return temporary.file->Close();
}

// Moves everything to its final name, the index last.
absl::Status RenameAll(FileSystem& files, absl::string_view prefix,
                       const std::vector<std::string>& data_files,
                       const std::vector<std::string>& data_names,
                       absl::string_view index_file) {
  const absl::string_view dir = DirName(prefix);
  for (size_t i = 0; i < data_files.size(); ++i) {
    TRELLIS_RETURN_IF_ERROR(
        files.Rename(data_files[i], JoinPath(dir, data_names[i])));
  }
  // The index must not survive a crash that a name of the data does not.
  TRELLIS_RETURN_IF_ERROR(files.SyncDir(dir));
  TRELLIS_RETURN_IF_ERROR(files.Rename(index_file, BundleIndexPath(prefix)));
  return files.SyncDir(dir);
}

}  // namespace

absl::Status PublishBundle(FileSystem& files, absl::string_view prefix,
                           const std::vector<std::string>& data_files,
                           BundleIndex index) {
  const absl::string_view dir = DirName(prefix), base = BaseName(prefix);
  TRELLIS_ASSIGN_OR_RETURN(const std::vector<std::string> present,
                           files.List(dir));
  const auto is_present = [&](const std::string& name) {
    return std::binary_search(present.begin(), present.end(), name);
  };
  // Data files without an index are what a crash left.
  const bool replaces = is_present(BundleIndexPath(base));
  std::vector<std::string> data_names(data_files.size());
  const auto taken = [&] {
    for (size_t i = 0; i < data_files.size(); ++i) {
      data_names[i] =
          BundleDataPath(base, static_cast<int>(i), index.num_shards);
    }
    return replaces &&
           std::any_of(data_names.begin(), data_names.end(), is_present);
  };
  while (index.num_shards <= kMaxBundleShards && taken()) ++index.num_shards;
  if (index.num_shards > kMaxBundleShards) {
    return absl::ResourceExhaustedError(absl::StrCat(
        prefix, ": no shard count below ", kMaxBundleShards, " is free"));
  }

  TRELLIS_ASSIGN_OR_RETURN(TemporaryFile index_file,
                           NewTemporaryFile(files, BundleIndexPath(prefix)));
  absl::Status status = WriteIndex(files, index, index_file);
  if (status.ok()) {
    status = RenameAll(files, prefix, data_files, data_names, index_file.path);
  }
  if (!status.ok()) {
    files.Delete(index_file.path).IgnoreError();  // `status` says more
    return status;
  }
  for (const std::string& name : present) {
    const bool is_ours = std::find(data_names.begin(), data_names.end(),
                                   name) != data_names.end();
    if (is_ours || !IsDataFile(name, base)) continue;
    // What stays is removed by the next bundle of this prefix.
    files.Delete(JoinPath(dir, name)).IgnoreError();
  }
  return absl::OkStatus();
}

}  // namespace trellis
