#include "trellis/io/checkpoint_proto.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "trellis/proto/tensor_shape.pb.h"
#include "trellis/proto/tensor_slice.pb.h"
#include "trellis/proto/versions.pb.h"

namespace trellis {

absl::Status CheckCheckpointVersions(const proto::VersionDef& versions) {
  const auto& bad = versions.bad_consumers();
  if (versions.min_consumer() <= kCheckpointVersion &&
      std::find(bad.begin(), bad.end(), kCheckpointVersion) == bad.end()) {
    return absl::OkStatus();
  }
  return absl::UnimplementedError(absl::StrCat(
      "the format is for readers of version ", versions.min_consumer(),
      " and up, this one has ", kCheckpointVersion));
}

absl::StatusOr<CheckpointTensor> DecodeCheckpointTensor(
    int dtype, const proto::TensorShapeProto& shape) {
  if (dtype <= 0 || dtype >= kRefOffset || !IsKnownDType(dtype)) {
    return absl::DataLossError(
        absl::StrCat("the element type has number ", dtype));
  }
  std::vector<int64_t> dims;
  for (const auto& dim : shape.dim()) dims.push_back(dim.size());
  absl::StatusOr<Shape> made = Shape::Make(dims);
  if (!made.ok()) return absl::DataLossError(made.status().message());
  if (shape.unknown_rank() || !made->fully_defined()) {
    return absl::DataLossError("the shape is not fully defined");
  }
  return CheckpointTensor{.dtype = static_cast<DType>(dtype),
                          .shape = *std::move(made)};
}

TensorSlice DecodeTensorSlice(const proto::TensorSliceProto& slice) {
  TensorSlice decoded;
  for (const auto& extent : slice.extent()) {
    const bool has_length =
        extent.has_length_case() == proto::TensorSliceProto::Extent::kLength;
    decoded.extents.push_back(
        {extent.start(), has_length ? extent.length() : TensorSlice::kWhole});
  }
  return decoded;
}

}  // namespace trellis
