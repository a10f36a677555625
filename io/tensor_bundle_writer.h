// Writes tensor bundles: V2 checkpoints that TensorFlow reads, byte for byte
// what it would have written.
#ifndef TRELLIS_IO_TENSOR_BUNDLE_WRITER_H_
#define TRELLIS_IO_TENSOR_BUNDLE_WRITER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/tensor.h"
#include "trellis/io/bundle_index.h"
#include "trellis/io/file_system.h"
#include "trellis/io/tensor_slice.h"
#include "trellis/io/whole_file.h"

namespace trellis {

// Writes one bundle of one shard. Nothing can be seen under the bundle's names
// before Finish, and a crash or failure at any moment leaves a bundle that was
// there before under the same prefix whole and readable. To that end a bundle
// that replaces another takes a shard count whose file names are free: its
// data may be in "...data-00000-of-00002". A reader that has the old bundle
// open finds its data gone, except in files that it has read from.
//
//   TRELLIS_ASSIGN_OR_RETURN(auto writer, TensorBundleWriter::Create(...));
//   TRELLIS_RETURN_IF_ERROR(writer->Add("w", w));
//   TRELLIS_RETURN_IF_ERROR(writer->Finish());
//
// For one thread. After an error every call returns it. Destroyed before
// Finish succeeded, it removes what it wrote.
class TensorBundleWriter {
 public:
  struct Options {
    // Each tensor's bytes are followed by zeros up to a multiple of this.
    int64_t data_alignment = 1;
  };

  // Creates folders that are missing. InvalidArgument if `prefix` ends in a
  // slash, is empty, or data_alignment < 1; FailedPrecondition if it is a
  // folder; else the file system's error. `files` must outlive the writer.
  static absl::StatusOr<std::unique_ptr<TensorBundleWriter>> Create(
      FileSystem& files, absl::string_view prefix) {
    return Create(files, prefix, Options());
  }
  static absl::StatusOr<std::unique_ptr<TensorBundleWriter>> Create(
      FileSystem& files, absl::string_view prefix, const Options& options);

  ~TensorBundleWriter();

  // InvalidArgument for a name that is empty or begins with a zero byte, a
  // name given before, an invalid tensor; Unimplemented for elements that the
  // format does not hold (resource, variant).
  absl::Status Add(absl::string_view name, const Tensor& tensor);

  // Adds `part`, the slice `slice` of a tensor of shape `full_shape`. Slices
  // of one tensor may come in any order and need not be all; a slice that is
  // the whole tensor is the same as Add. InvalidArgument also if the slice
  // lies outside of the shape, overlaps one given before, or `part` has not
  // its shape; or if type or full shape differ from those given before.
  absl::Status AddSlice(absl::string_view name, const Shape& full_shape,
                        const TensorSlice& slice, const Tensor& part);

  // Makes the bundle durable and visible: data, then index. Removes the data
  // files of the bundle it replaced. REQUIRES: no call after it.
  absl::Status Finish();

 private:
  TensorBundleWriter(FileSystem& files, absl::string_view prefix,
                     const Options& options)
      : files_(files), prefix_(prefix), options_(options) {}

  absl::Status Keep(absl::Status status);
  absl::Status AddEntry(absl::string_view key, const Tensor& tensor);
  absl::Status AddPart(absl::string_view name, const Shape& full_shape,
                       const TensorSlice& slice, const Tensor& part);
  absl::Status Publish();

  FileSystem& files_;
  const std::string prefix_;
  const Options options_;
  absl::Status status_;  // the first error
  TemporaryFile data_;
  int64_t offset_ = 0;  // the size of data_
  BundleIndex index_;
  // The regions given so far of each partitioned tensor.
  std::map<std::string, std::vector<TensorRegion>, std::less<>> regions_;
};

}  // namespace trellis

#endif  // TRELLIS_IO_TENSOR_BUNDLE_WRITER_H_
