// Reading checkpoints of either format (see open_checkpoint.h).
#ifndef TRELLIS_IO_CHECKPOINT_READER_H_
#define TRELLIS_IO_CHECKPOINT_READER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/tensor.h"
#include "trellis/io/tensor_slice.h"

namespace trellis {

// What a checkpoint knows of a tensor without reading it.
struct CheckpointTensor {
  DType dtype = kInvalid;
  Shape shape;  // fully defined
  // The slices it is stored in, disjoint; empty if it is stored whole.
  std::vector<TensorSlice> slices;
};

// What opening a checkpoint may cost.
struct CheckpointLimits {
  // Of a V2 index.
  int64_t max_index_bytes = int64_t{4} << 30;
  // Keys of a V2 index are stored shortened; together they may be this many
  // times the size of the index.
  int64_t max_key_expansion = 64;
  // Of one tensor.
  int max_slices = 4096;
};

// An open checkpoint. Any bytes are safe to read: nothing is allocated that
// the files do not have room for, and what is wrong is an error that names the
// file and the tensor. Thread-safe.
class CheckpointReader {
 public:
  virtual ~CheckpointReader() = default;

  // What it was opened as.
  virtual absl::string_view prefix() const = 0;

  // The tensors' names, sorted. A partitioned tensor is one name.
  virtual std::vector<std::string> names() const = 0;

  // nullptr if there is no tensor of that name. Lives as long as the reader.
  virtual const CheckpointTensor* Find(absl::string_view name) const = 0;

  // A whole tensor; a partitioned one is put together. Every byte read is
  // verified.
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

 protected:
  // Reads slice number `part` of `tensor`, or, if it has no slices and `part`
  // is 0, all of it. Has the shape of the slice.
  virtual absl::StatusOr<Tensor> ReadPart(absl::string_view name,
                                          const CheckpointTensor& tensor,
                                          size_t part) const = 0;

 private:
  absl::StatusOr<Tensor> Assemble(absl::string_view name,
                                  const CheckpointTensor& tensor,
                                  const TensorSlice& slice) const;
};

}  // namespace trellis

#endif  // TRELLIS_IO_CHECKPOINT_READER_H_
