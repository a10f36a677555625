// The index of a tensor bundle (V2 checkpoint): which tensors there are and
// where their bytes lie.
//
// A bundle with the prefix "dir/model" is the files
//
//   dir/model.index                  sorted table (sorted_table.h):
//                                      ""    -> BundleHeaderProto
//                                      name  -> BundleEntryProto
//   dir/model.data-SSSSS-of-NNNNN    the bytes of shard S of N
//
// A partitioned tensor has an entry under its name, with its full shape, its
// slices and no bytes, and under SliceKey(name, slice) an entry for each slice.
#ifndef TRELLIS_IO_BUNDLE_INDEX_H_
#define TRELLIS_IO_BUNDLE_INDEX_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/io/checkpoint_reader.h"
#include "trellis/io/file_system.h"

namespace trellis {

struct BundleEntry : CheckpointTensor {
  // Where the bytes are and their masked CRC-32C. All 0, and never to be
  // used, if the tensor is partitioned.
  int shard = 0;
  int64_t offset = 0;
  int64_t size = 0;
  uint32_t crc32c = 0;
};

struct BundleIndex {
  int num_shards = 1;
  std::map<std::string, BundleEntry, std::less<>> entries;
};

// Five digits are what the names of data files have.
inline constexpr int kMaxBundleShards = 99999;

std::string BundleIndexPath(absl::string_view prefix);
std::string BundleDataPath(absl::string_view prefix, int shard, int num_shards);

// Reads and checks an index: after it, every shape is valid, every size is the
// one of its type and shape, every slice lies in its tensor, has an entry and
// overlaps no other. Files are not looked at, except the index.
// NotFound if there is none, ResourceExhausted past a limit, Unimplemented for
// a bundle of a newer format or of a big-endian machine, else DataLoss with
// the path and the key.
absl::StatusOr<BundleIndex> ReadBundleIndex(
    FileSystem& files, absl::string_view prefix,
    const CheckpointLimits& limits = {});

// Writes an index as TensorFlow does, byte for byte. The file is then complete,
// neither synced nor closed.
absl::Status WriteBundleIndex(const BundleIndex& index, WritableFile& file);

}  // namespace trellis

#endif  // TRELLIS_IO_BUNDLE_INDEX_H_
