// What the records of both checkpoint formats have in common, out of their
// messages. For io/ alone.
#ifndef TRELLIS_IO_CHECKPOINT_PROTO_H_
#define TRELLIS_IO_CHECKPOINT_PROTO_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "trellis/io/checkpoint_reader.h"
#include "trellis/io/tensor_slice.h"

namespace trellis::proto {
class TensorShapeProto;
class TensorSliceProto;
class VersionDef;
}  // namespace trellis::proto

namespace trellis {

// Of either format, as producer and as consumer.
inline constexpr int kCheckpointVersion = 1;

// Unimplemented if `versions` excludes readers of kCheckpointVersion.
absl::Status CheckCheckpointVersions(const proto::VersionDef& versions);

// A tensor without slices. DataLoss for a type that is none of ours and for a
// shape that is malformed or not fully defined.
absl::StatusOr<CheckpointTensor> DecodeCheckpointTensor(
    int dtype, const proto::TensorShapeProto& shape);

// An extent without a length is a whole dimension.
TensorSlice DecodeTensorSlice(const proto::TensorSliceProto& slice);

}  // namespace trellis

#endif  // TRELLIS_IO_CHECKPOINT_PROTO_H_
