#include "trellis/io/tensor_bundle_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "trellis/base/status_macros.h"
#include "trellis/io/coding.h"
#include "trellis/io/crc32c.h"

namespace trellis {
namespace {

// Read and checked in pieces that stay in the processor's cache.
constexpr int64_t kPieceBytes = 256 << 10;

absl::Status ChecksumError(uint32_t found, uint32_t expected) {
  return absl::DataLossError(absl::StrCat("the checksum is ", absl::Hex(found),
                                          ", stored is ", absl::Hex(expected)));
}

absl::Status ReadNumbers(const ReadableFile& file, const BundleEntry& entry,
                         char* out) {
  uint32_t crc = 0;
  for (int64_t done = 0; done < entry.size; done += kPieceBytes) {
    const int64_t n = std::min(kPieceBytes, entry.size - done);
    TRELLIS_RETURN_IF_ERROR(
        file.ReadExactly(entry.offset + done, absl::MakeSpan(out + done, n)));
    crc = ExtendCrc32c(crc, absl::string_view(out + done, n));
  }
  const uint32_t masked = MaskCrc32c(crc);
  if (masked != entry.crc32c) return ChecksumError(masked, entry.crc32c);
  // To load any other byte as a bool is undefined.
  if (entry.dtype == kBool &&
      std::any_of(out, out + entry.size, [](uint8_t b) { return b > 1; })) {
    return absl::DataLossError("a bool is neither 0 nor 1");
  }
  return absl::OkStatus();
}

// The lengths as varints, the masked checksum of the lengths, the strings.
absl::Status ReadStrings(const ReadableFile& file, const BundleEntry& entry,
                         absl::Span<std::string> out) {
  std::string bytes(entry.size, '\0');
  TRELLIS_RETURN_IF_ERROR(
      file.ReadExactly(entry.offset, absl::MakeSpan(bytes)));
  absl::string_view rest = bytes;
  std::vector<uint64_t> lengths(out.size());
  uint64_t total = 0;
  uint32_t crc = 0;
  for (uint64_t& length : lengths) {
    if (!ConsumeVarint64(&rest, &length) || length > bytes.size() - total) {
      return absl::DataLossError("the table of string lengths is broken");
    }
    total += length;
    std::string fixed;
    AppendFixed32(static_cast<uint32_t>(length), &fixed);
    if (length > 0xffffffff) AppendFixed32(length >> 32, &fixed);
    crc = ExtendCrc32c(crc, fixed);
  }
  const absl::string_view stored_crc = rest.substr(0, 4);
  uint32_t lengths_crc;
  if (!ConsumeFixed32(&rest, &lengths_crc) || total != rest.size()) {
    return absl::DataLossError(absl::StrCat(
        "strings of ", total, " bytes in a place of ", rest.size()));
  }
  if (MaskCrc32c(crc) != lengths_crc) {
    return ChecksumError(MaskCrc32c(crc), lengths_crc);
  }
  crc = ExtendCrc32c(ExtendCrc32c(crc, stored_crc), rest);
  if (MaskCrc32c(crc) != entry.crc32c) {
    return ChecksumError(MaskCrc32c(crc), entry.crc32c);
  }
  for (size_t i = 0; i < out.size(); ++i) {
    out[i].assign(rest.data(), lengths[i]);
    rest.remove_prefix(lengths[i]);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<TensorBundleReader>> TensorBundleReader::Open(
    FileSystem& files, absl::string_view prefix,
    const CheckpointLimits& limits) {
  TRELLIS_ASSIGN_OR_RETURN(BundleIndex index,
                           ReadBundleIndex(files, prefix, limits));
  return std::unique_ptr<TensorBundleReader>(
      new TensorBundleReader(files, prefix, std::move(index)));
}

std::vector<std::string> TensorBundleReader::names() const {
  std::vector<std::string> names;
  for (const auto& [key, entry] : index_.entries) {
    if (!IsSliceKey(key)) names.push_back(key);
  }
  return names;
}

const BundleEntry* TensorBundleReader::Find(absl::string_view name) const {
  if (IsSliceKey(name)) return nullptr;
  const auto it = index_.entries.find(name);
  return it == index_.entries.end() ? nullptr : &it->second;
}

absl::StatusOr<Tensor> TensorBundleReader::ReadPart(
    absl::string_view name, const CheckpointTensor& tensor, size_t part) const {
  const auto found =
      tensor.slices.empty()
          ? index_.entries.find(name)
          : index_.entries.find(SliceKey(name, tensor.slices[part]));
  return ReadStored(found->second);  // the index has checked that it is there
}

absl::StatusOr<Tensor> TensorBundleReader::ReadStored(
    const BundleEntry& entry) const {
  if (DTypeSize(entry.dtype) == 0 && entry.dtype != kString) {
    return absl::UnimplementedError(
        absl::StrCat("cannot be read as ", DTypeName(entry.dtype)));
  }
  TRELLIS_ASSIGN_OR_RETURN(const ReadableFile* file, DataFile(entry.shard));
  if (entry.size > file->size() || entry.offset > file->size() - entry.size) {
    return absl::DataLossError(absl::StrCat(
        file->path(), " has ", file->size(), " bytes, the tensor lies in [",
        entry.offset, ", ", entry.offset + entry.size, ")"));
  }
  TRELLIS_ASSIGN_OR_RETURN(Tensor tensor,
                           Tensor::Allocate(entry.dtype, entry.shape));
  const absl::Status read =
      entry.dtype == kString
          ? ReadStrings(*file, entry, tensor.flat<std::string>())
          : ReadNumbers(*file, entry, static_cast<char*>(tensor.data()));
  if (read.ok()) return tensor;
  return absl::Status(
      read.code(), absl::StrCat(file->path(), " at offset ", entry.offset, ": ",
                                read.message()));
}

absl::StatusOr<const ReadableFile*> TensorBundleReader::DataFile(
    int shard) const {
  const MutexLock lock(mutex_);
  std::unique_ptr<ReadableFile>& file = data_files_[shard];
  if (file == nullptr) {
    TRELLIS_ASSIGN_OR_RETURN(file, files_.NewReadableFile(BundleDataPath(
                                       prefix_, shard, index_.num_shards)));
  }
  return file.get();
}

}  // namespace trellis
