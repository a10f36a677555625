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
#include "trellis/io/checkpoint_reader.h"
#include "trellis/io/file_system.h"

namespace trellis {

// An open bundle. Opening reads the index only; a data file is opened when a
// tensor in it is first read.
class TensorBundleReader final : public CheckpointReader {
 public:
  // Opens the bundle `prefix` (see bundle_index.h, also for the errors).
  // `files` must outlive the reader.
  static absl::StatusOr<std::unique_ptr<TensorBundleReader>> Open(
      FileSystem& files, absl::string_view prefix,
      const CheckpointLimits& limits = {});

  int num_shards() const { return index_.num_shards; }

  absl::string_view prefix() const override { return prefix_; }
  std::vector<std::string> names() const override;
  const BundleEntry* Find(absl::string_view name) const override;

 private:
  TensorBundleReader(FileSystem& files, absl::string_view prefix,
                     BundleIndex index)
      : files_(files), prefix_(prefix), index_(std::move(index)) {}

  absl::StatusOr<Tensor> ReadPart(absl::string_view name,
                                  const CheckpointTensor& tensor,
                                  size_t part) const override;
  // The bytes of one entry, as stored.
  absl::StatusOr<Tensor> ReadStored(const BundleEntry& entry) const;
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
