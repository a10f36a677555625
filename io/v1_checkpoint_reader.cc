#include "trellis/io/v1_checkpoint_reader.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/io/checkpoint_proto.h"
#include "trellis/io/checkpoint_state.h"
#include "trellis/io/tensor_slice.h"
#include "trellis/proto/saved_tensor_slice.pb.h"

namespace trellis {
namespace {

// The record under `key`.
absl::StatusOr<proto::SavedTensorSlices> ReadRecord(const SortedTable& table,
                                                    absl::string_view key) {
  TRELLIS_ASSIGN_OR_RETURN(const std::string bytes, table.Get(key));
  proto::SavedTensorSlices record;
  if (bytes.size() > std::numeric_limits<int>::max() ||
      !record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError(
        absl::StrCat(table.path(), ": a record is broken"));
  }
  return record;
}

// Copies a list of numbers, narrowed to T; `per_element` of them make an
// element.
template <typename T, typename List>
absl::Status CopyNumbers(const List& list, int per_element, Tensor& tensor) {
  if (list.size() != tensor.num_elements() * per_element) {
    return absl::DataLossError(
        absl::StrCat(list.size(), " numbers for ", tensor.num_elements(),
                     " elements of ", DTypeName(tensor.dtype())));
  }
  T* out = static_cast<T*>(tensor.data());
  for (const auto value : list) *out++ = static_cast<T>(value);
  return absl::OkStatus();
}

absl::Status CopyStrings(const proto::TensorProto& values, Tensor& tensor) {
  if (values.string_val_size() != tensor.num_elements()) {
    return absl::DataLossError(
        absl::StrCat(values.string_val_size(), " strings for ",
                     tensor.num_elements(), " elements"));
  }
  std::copy(values.string_val().begin(), values.string_val().end(),
            tensor.flat<std::string>().begin());
  return absl::OkStatus();
}

absl::Status CopyValues(const proto::TensorProto& values, Tensor& tensor) {
  switch (tensor.dtype()) {
    case kFloat32:
      return CopyNumbers<float>(values.float_val(), 1, tensor);
    case kFloat64:
      return CopyNumbers<double>(values.double_val(), 1, tensor);
    case kInt32:
    case kQint32:
      return CopyNumbers<int32_t>(values.int_val(), 1, tensor);
    case kInt16:
    case kQint16:
    case kUint16:
    case kQuint16:
      return CopyNumbers<uint16_t>(values.int_val(), 1, tensor);
    case kInt8:
    case kQint8:
    case kUint8:
    case kQuint8:
      return CopyNumbers<uint8_t>(values.int_val(), 1, tensor);
    case kInt64:
      return CopyNumbers<int64_t>(values.int64_val(), 1, tensor);
    case kBool:
      return CopyNumbers<bool>(values.bool_val(), 1, tensor);
    case kHalf:
      return CopyNumbers<uint16_t>(values.half_val(), 1, tensor);
    case kComplex64:
      return CopyNumbers<float>(values.scomplex_val(), 2, tensor);
    case kComplex128:
      return CopyNumbers<double>(values.dcomplex_val(), 2, tensor);
    case kString:
      return CopyStrings(values, tensor);
    default:
      return absl::UnimplementedError(
          absl::StrCat("a V1 checkpoint cannot hold elements of type ",
                       DTypeName(tensor.dtype())));
  }
}

// The number of values there are, whichever list they are in.
int64_t NumValues(const proto::TensorProto& values) {
  return std::max<int64_t>(
      {values.float_val_size(), values.double_val_size(), values.int_val_size(),
       values.int64_val_size(), values.bool_val_size(), values.half_val_size(),
       values.scomplex_val_size(), values.dcomplex_val_size(),
       values.string_val_size()});
}

absl::Status At(absl::string_view path, absl::string_view name,
                const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": tensor \"", name,
                                                  "\": ", status.message()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<V1CheckpointReader>> V1CheckpointReader::Open(
    FileSystem& files, absl::string_view prefix,
    const CheckpointLimits& limits) {
  std::vector<std::string> paths = {std::string(prefix)};
  if (prefix.find('?') != absl::string_view::npos) {
    TRELLIS_ASSIGN_OR_RETURN(paths, MatchingFiles(files, prefix));
    if (paths.empty()) {
      return absl::NotFoundError(
          absl::StrCat(prefix, ": no file matches this checkpoint's pattern"));
    }
  }
  std::unique_ptr<V1CheckpointReader> reader(new V1CheckpointReader(prefix));
  for (const std::string& path : paths) {
    TRELLIS_ASSIGN_OR_RETURN(auto file, files.NewReadableFile(path));
    TRELLIS_ASSIGN_OR_RETURN(auto table, SortedTable::Open(std::move(file)));
    TRELLIS_RETURN_IF_ERROR(reader->AddTable(std::move(table), limits));
  }
  TRELLIS_RETURN_IF_ERROR(reader->FinishTensors());
  return reader;
}

absl::Status V1CheckpointReader::AddTable(std::unique_ptr<SortedTable> table,
                                          const CheckpointLimits& limits) {
  const size_t number = tables_.size();
  TRELLIS_ASSIGN_OR_RETURN(const auto record, ReadRecord(*table, ""));
  const absl::Status versions =
      CheckCheckpointVersions(record.meta().versions());
  if (!versions.ok()) return At(table->path(), "", versions);
  for (const auto& meta : record.meta().tensor()) {
    const auto tensor = DecodeCheckpointTensor(meta.type(), meta.shape());
    if (!tensor.ok()) return At(table->path(), meta.name(), tensor.status());
    const auto [it, is_new] =
        tensors_.emplace(meta.name(), StoredTensor{*tensor});
    StoredTensor& stored = it->second;
    if (stored.dtype != tensor->dtype || stored.shape != tensor->shape) {
      return At(table->path(), meta.name(),
                absl::DataLossError("differs from that of another file"));
    }
    if (stored.parts.size() + meta.slice_size() > limits.max_slices) {
      return At(table->path(), meta.name(),
                absl::ResourceExhaustedError(absl::StrCat(
                    "has more than ", limits.max_slices, " slices")));
    }
    for (const auto& slice : meta.slice()) {
      stored.parts.emplace_back(DecodeTensorSlice(slice), number);
    }
  }
  tables_.push_back(std::move(table));
  return absl::OkStatus();
}

absl::Status V1CheckpointReader::FinishTensors() {
  for (auto& [name, tensor] : tensors_) {
    std::vector<TensorRegion> regions;
    for (const auto& [slice, table] : tensor.parts) {
      absl::StatusOr<TensorRegion> region = RegionOf(slice, tensor.shape);
      if (!region.ok()) {
        return At(prefix_, name,
                  absl::DataLossError(region.status().message()));
      }
      regions.push_back(*std::move(region));
    }
    if (const absl::Status disjoint = CheckDisjoint(regions); !disjoint.ok()) {
      return At(prefix_, name, absl::DataLossError(disjoint.message()));
    }
    if (regions.empty()) {
      return At(prefix_, name, absl::DataLossError("has no slice"));
    }
    if (regions.size() == 1 && regions[0].Covers(tensor.shape)) continue;
    for (const auto& [slice, table] : tensor.parts) {
      tensor.slices.push_back(slice);
    }
  }
  return absl::OkStatus();
}

std::vector<std::string> V1CheckpointReader::names() const {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors_) names.push_back(name);
  return names;
}

const CheckpointTensor* V1CheckpointReader::Find(absl::string_view name) const {
  const auto it = tensors_.find(name);
  return it == tensors_.end() ? nullptr : &it->second;
}

absl::StatusOr<Tensor> V1CheckpointReader::ReadPart(
    absl::string_view name, const CheckpointTensor& tensor, size_t part) const {
  const auto& [slice, number] = tensors_.find(name)->second.parts[part];
  const SortedTable& table = *tables_[number];
  TRELLIS_ASSIGN_OR_RETURN(const TensorRegion region,
                           RegionOf(slice, tensor.shape));
  const auto record = ReadRecord(table, SliceKey(name, slice));
  if (absl::IsNotFound(record.status())) {
    return absl::DataLossError(absl::StrCat(table.path(),
                                            ": the values of slice ",
                                            slice.ToString(), " are missing"));
  }
  TRELLIS_RETURN_IF_ERROR(record.status());
  const proto::TensorProto& values = record->data().data();
  // Before anything of this size is allocated.
  if (region.shape.num_elements() > NumValues(values)) {
    return absl::DataLossError(
        absl::StrCat(table.path(), ": ", NumValues(values), " values for ",
                     region.shape.num_elements(), " elements"));
  }
  TRELLIS_ASSIGN_OR_RETURN(Tensor result,
                           Tensor::Allocate(tensor.dtype, region.shape));
  TRELLIS_RETURN_IF_ERROR(CopyValues(values, result));
  return result;
}

}  // namespace trellis
