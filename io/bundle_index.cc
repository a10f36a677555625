#include "trellis/io/bundle_index.h"

#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "trellis/base/checked_int.h"
#include "trellis/base/status_macros.h"
#include "trellis/io/checkpoint_proto.h"
#include "trellis/io/sorted_table.h"
#include "trellis/proto/tensor_bundle.pb.h"

namespace trellis {
namespace {

absl::Status DecodeHeader(absl::string_view bytes, int* num_shards) {
  proto::BundleHeaderProto header;
  if (!header.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError("the header is broken");
  }
  if (header.endianness() != proto::BundleHeaderProto::LITTLE) {
    return absl::UnimplementedError("the bundle is big-endian");
  }
  TRELLIS_RETURN_IF_ERROR(CheckCheckpointVersions(header.version()));
  if (header.num_shards() < 1 || header.num_shards() > kMaxBundleShards) {
    return absl::DataLossError(
        absl::StrCat("the number of shards is ", header.num_shards()));
  }
  *num_shards = header.num_shards();
  return absl::OkStatus();
}

std::string EncodeHeader(int num_shards) {
  proto::BundleHeaderProto header;
  header.set_num_shards(num_shards);
  header.mutable_version()->set_producer(kCheckpointVersion);
  return header.SerializeAsString();
}

absl::StatusOr<BundleEntry> DecodeEntry(absl::string_view bytes) {
  proto::BundleEntryProto encoded;
  if (!encoded.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError("the entry is broken");
  }
  TRELLIS_ASSIGN_OR_RETURN(
      CheckpointTensor tensor,
      DecodeCheckpointTensor(encoded.dtype(), encoded.shape()));
  BundleEntry entry{std::move(tensor)};
  entry.shard = encoded.shard_id();
  entry.offset = encoded.offset();
  entry.size = encoded.size();
  entry.crc32c = encoded.crc32c();
  for (const auto& slice : encoded.slices()) {
    entry.slices.push_back(DecodeTensorSlice(slice));
  }
  return entry;
}

std::string EncodeEntry(const BundleEntry& entry) {
  proto::BundleEntryProto encoded;
  encoded.set_dtype(static_cast<proto::DataType>(entry.dtype));
  encoded.mutable_shape();  // present for scalars too
  for (const int64_t dim : entry.shape.dims()) {
    encoded.mutable_shape()->add_dim()->set_size(dim);
  }
  encoded.set_shard_id(entry.shard);
  encoded.set_offset(entry.offset);
  encoded.set_size(entry.size);
  encoded.set_crc32c(entry.crc32c);
  for (const TensorSlice& slice : entry.slices) {
    auto* encoded_slice = encoded.add_slices();
    for (const TensorSlice::Extent& extent : slice.extents) {
      auto* encoded_extent = encoded_slice->add_extent();
      if (extent.length == TensorSlice::kWhole) continue;
      encoded_extent->set_start(extent.start);
      encoded_extent->set_length(extent.length);
    }
  }
  return encoded.SerializeAsString();
}

// An entry that has bytes.
absl::Status CheckPlace(const BundleEntry& entry, int num_shards) {
  if (entry.shard < 0 || entry.shard >= num_shards) {
    return absl::DataLossError(
        absl::StrCat("shard ", entry.shard, " of ", num_shards));
  }
  if (entry.offset < 0 || entry.size < 0 ||
      !CheckedAdd(entry.offset, entry.size).has_value()) {
    return absl::DataLossError(
        absl::StrCat("offset ", entry.offset, ", size ", entry.size));
  }
  const int64_t elements = entry.shape.num_elements();
  const int64_t element_size = DTypeSize(entry.dtype);
  if (element_size > 0) {
    const auto bytes = CheckedMul(elements, element_size);
    if (bytes != entry.size) {
      return absl::DataLossError(
          absl::StrCat("has ", entry.size, " bytes, ", DTypeName(entry.dtype),
                       entry.shape.ToString(), " takes ", bytes.value_or(-1)));
    }
  } else if (entry.dtype == kString && entry.size - 4 < elements) {
    // A length takes at least one byte, their checksum four.
    return absl::DataLossError(
        absl::StrCat(elements, " strings cannot be in ", entry.size, " bytes"));
  }
  return absl::OkStatus();
}

absl::Status CheckSlices(absl::string_view name, const BundleEntry& entry,
                         const BundleIndex& index,
                         const CheckpointLimits& limits) {
  if (entry.slices.size() > limits.max_slices) {
    return absl::ResourceExhaustedError(
        absl::StrCat("has ", entry.slices.size(), " slices, the limit is ",
                     limits.max_slices));
  }
  std::vector<TensorRegion> regions;
  for (const TensorSlice& slice : entry.slices) {
    absl::StatusOr<TensorRegion> region = RegionOf(slice, entry.shape);
    if (!region.ok()) return absl::DataLossError(region.status().message());
    const auto part = index.entries.find(SliceKey(name, slice));
    if (part == index.entries.end()) {
      return absl::DataLossError(
          absl::StrCat("slice ", slice.ToString(), " has no entry"));
    }
    if (part->second.dtype != entry.dtype ||
        part->second.shape != region->shape || !part->second.slices.empty()) {
      return absl::DataLossError(absl::StrCat(
          "the entry of slice ", slice.ToString(), " is ",
          DTypeName(part->second.dtype), part->second.shape.ToString(),
          ", the tensor is ", DTypeName(entry.dtype), entry.shape.ToString()));
    }
    regions.push_back(*std::move(region));
  }
  const absl::Status disjoint = CheckDisjoint(regions);
  return disjoint.ok() ? disjoint : absl::DataLossError(disjoint.message());
}

absl::Status CheckEntry(absl::string_view key, const BundleEntry& entry,
                        const BundleIndex& index,
                        const CheckpointLimits& limits) {
  return entry.slices.empty() ? CheckPlace(entry, index.num_shards)
                              : CheckSlices(key, entry, index, limits);
}

// `status` with the place it is about.
absl::Status At(absl::string_view path, absl::string_view key,
                const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat(path, ": entry \"", absl::CHexEscape(key),
                                   "\": ", status.message()));
}

}  // namespace

std::string BundleIndexPath(absl::string_view prefix) {
  return absl::StrCat(prefix, ".index");
}

std::string BundleDataPath(absl::string_view prefix, int shard,
                           int num_shards) {
  return absl::StrFormat("%s.data-%05d-of-%05d", prefix, shard, num_shards);
}

absl::StatusOr<BundleIndex> ReadBundleIndex(FileSystem& files,
                                            absl::string_view prefix,
                                            const CheckpointLimits& limits) {
  const std::string path = BundleIndexPath(prefix);
  TRELLIS_ASSIGN_OR_RETURN(auto file, files.NewReadableFile(path));
  if (file->size() > limits.max_index_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, ": has ", file->size(), " bytes, the limit is ",
                     limits.max_index_bytes));
  }
  TRELLIS_ASSIGN_OR_RETURN(const auto table,
                           SortedTable::Open(std::move(file)));

  BundleIndex index;
  SortedTable::Iterator it(*table);
  it.SeekToFirst();
  TRELLIS_RETURN_IF_ERROR(it.status());
  if (!it.valid() || !it.key().empty()) {
    return absl::DataLossError(absl::StrCat(path, ": has no bundle header"));
  }
  if (const absl::Status header = DecodeHeader(it.value(), &index.num_shards);
      !header.ok()) {
    return At(path, "", header);
  }
  const int64_t max_key_bytes = table->size() * limits.max_key_expansion;
  int64_t key_bytes = 0;
  for (it.Next(); it.valid(); it.Next()) {
    key_bytes += it.key().size();
    if (key_bytes > max_key_bytes) {
      return absl::ResourceExhaustedError(absl::StrCat(
          path, ": the keys have more than ", max_key_bytes, " bytes"));
    }
    absl::StatusOr<BundleEntry> entry = DecodeEntry(it.value());
    if (!entry.ok()) return At(path, it.key(), entry.status());
    index.entries.emplace_hint(index.entries.end(), it.key(),
                               *std::move(entry));
  }
  TRELLIS_RETURN_IF_ERROR(it.status());
  for (const auto& [key, entry] : index.entries) {
    const absl::Status checked = CheckEntry(key, entry, index, limits);
    if (!checked.ok()) return At(path, key, checked);
  }
  return index;
}

absl::Status WriteBundleIndex(const BundleIndex& index, WritableFile& file) {
  SortedTableBuilder builder(&file);
  TRELLIS_RETURN_IF_ERROR(builder.Add("", EncodeHeader(index.num_shards)));
  for (const auto& [key, entry] : index.entries) {
    TRELLIS_RETURN_IF_ERROR(builder.Add(key, EncodeEntry(entry)));
  }
  return builder.Finish();
}

}  // namespace trellis
