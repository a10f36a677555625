// Reads checkpoints of TensorFlow's first format (V1): sorted tables
// (sorted_table.h) whose records hold the values themselves.
//
//   ""                     -> SavedTensorSlices{meta}: type, full shape and
//                             slices of every tensor in this file
//   SliceKey(name, slice)  -> SavedTensorSlices{data}: the slice's values
//
// A tensor that is stored whole has one slice that is everything. A sharded
// checkpoint is several such files and is named by a pattern with '?'.
#ifndef TRELLIS_IO_V1_CHECKPOINT_READER_H_
#define TRELLIS_IO_V1_CHECKPOINT_READER_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/io/checkpoint_reader.h"
#include "trellis/io/file_system.h"
#include "trellis/io/sorted_table.h"

namespace trellis {

class V1CheckpointReader final : public CheckpointReader {
 public:
  // Opens the file, or the files that match the pattern, `prefix`. NotFound if
  // there is none, Unimplemented for a newer format, ResourceExhausted past
  // limits.max_slices, else DataLoss with the path.
  static absl::StatusOr<std::unique_ptr<V1CheckpointReader>> Open(
      FileSystem& files, absl::string_view prefix,
      const CheckpointLimits& limits = {});

  absl::string_view prefix() const override { return prefix_; }
  std::vector<std::string> names() const override;
  const CheckpointTensor* Find(absl::string_view name) const override;

 private:
  struct StoredTensor : CheckpointTensor {
    // Each slice, in the order of `slices` if that is not empty, and the
    // number of the table it is in.
    std::vector<std::pair<TensorSlice, size_t>> parts;
  };

  explicit V1CheckpointReader(absl::string_view prefix) : prefix_(prefix) {}

  absl::Status AddTable(std::unique_ptr<SortedTable> table,
                        const CheckpointLimits& limits);
  absl::Status FinishTensors();

  absl::StatusOr<Tensor> ReadPart(absl::string_view name,
                                  const CheckpointTensor& tensor,
                                  size_t part) const override;

  const std::string prefix_;
  std::vector<std::unique_ptr<SortedTable>> tables_;
  std::map<std::string, StoredTensor, std::less<>> tensors_;
};

}  // namespace trellis

#endif  // TRELLIS_IO_V1_CHECKPOINT_READER_H_
