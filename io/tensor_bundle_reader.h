// Reads tensor bundles: V2 checkpoints, by us or by TensorFlow.
#ifndef TRELLIS_IO_TENSOR_BUNDLE_READER_H_
#define TRELLIS_IO_TENSOR_BUNDLE_READER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/base/mutex.h"
#include "trellis/graph/tensor.h"
#include "trellis/io/bundle_index.h"
#include "trellis/io/file_system.h"
#include "trellis/io/tensor_slice.h"

namespace trellis {

// An open bundle. Opening reads the index only; a data file is opened when a
// tensor in it is first read. Every read verifies the checksum.
//
// Any bytes are safe to read: nothing is allocated that the files do not have
// room for, and what is wrong is an error that names the file and the tensor.
// Thread-safe.
class TensorBundleReader {
 public:
  // Opens the bundle `prefix` (see bundle_index.h, also for the errors).
  // `files` must outlive the reader.
  static absl::StatusOr<std::unique_ptr<TensorBundleReader>> Open(
      FileSystem& files, absl::string_view prefix,
      const BundleLimits& limits = {});

  absl::string_view prefix() const { return prefix_; }
  int num_shards() const { return index_.num_shards; }

  // The tensors' names, sorted. A partitioned tensor is one name.
  std::vector<std::string> names() const;

  // Type, shape and place of a tensor; nullptr if there is none of that name.
  // Lives as long as the reader.
  const BundleEntry* Find(absl::string_view name) const;

  // A whole tensor; a partitioned one is put together.
  //   NotFound       no such tensor, or its data file is missing
  //   DataLoss       wrong checksum; data file too short; slices that leave
  //                  a hole
  //   Unimplemented  a type whose elements cannot be made here (variant)
  absl::StatusOr<Tensor> Read(absl::string_view name) const;

  // The part of a tensor that `slice` names, put together from the stored
  // slices that have some of it. InvalidArgument if it lies outside of the
  // tensor; else as above.
  absl::StatusOr<Tensor> ReadSlice(absl::string_view name,
                                   const TensorSlice& slice) const;

 private:
  TensorBundleReader(FileSystem& files, absl::string_view prefix,
                     BundleIndex index)
      : files_(files), prefix_(prefix), index_(std::move(index)) {}

  absl::StatusOr<Tensor> ReadRegion(absl::string_view name,
                                    const BundleEntry& entry,
                                    const TensorRegion& wanted) const;
  // The bytes of one entry, as stored. `name` is for messages.
  absl::StatusOr<Tensor> ReadStored(absl::string_view name,
                                    const BundleEntry& entry) const;
  absl::StatusOr<const ReadableFile*> DataFile(int shard) const;

  FileSystem& files_;
  const std::string prefix_;
  const BundleIndex index_;
  mutable Mutex mutex_;
  // The data files opened so far, by shard. Guarded by mutex_.
  mutable std::map<int, std::unique_ptr<ReadableFile>> data_files_;
};

}  // namespace trellis

#endif  // TRELLIS_IO_TENSOR_BUNDLE_READER_H_
