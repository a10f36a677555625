#include "trellis/io/tensor_bundle_writer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/io/coding.h"
#include "trellis/io/crc32c.h"
#include "trellis/io/path.h"
#include "trellis/io/publish_bundle.h"

namespace trellis {
namespace {

// Checked and written in pieces that stay in the processor's cache.
constexpr size_t kPieceBytes = 256 << 10;

// Appends bytes and keeps their running checksum.
class CheckedAppender {
 public:
  explicit CheckedAppender(WritableFile& file) : file_(file) {}

  absl::Status Append(absl::string_view bytes) {
    for (; !bytes.empty();
         bytes.remove_prefix(std::min(bytes.size(), kPieceBytes))) {
      const absl::string_view piece = bytes.substr(0, kPieceBytes);
      crc_ = ExtendCrc32c(crc_, piece);
      TRELLIS_RETURN_IF_ERROR(file_.Append(piece));
      size_ += piece.size();
    }
    return absl::OkStatus();
  }

  // Appends bytes that the checksum sees in another form.
  absl::Status AppendAs(absl::string_view bytes, absl::string_view checked) {
    crc_ = ExtendCrc32c(crc_, checked);
    size_ += bytes.size();
    return file_.Append(bytes);
  }

  uint32_t masked_crc() const { return MaskCrc32c(crc_); }
  int64_t size() const { return size_; }

 private:
  WritableFile& file_;
  uint32_t crc_ = 0;
  int64_t size_ = 0;
};

// The lengths as varints, the masked checksum of the lengths, the strings. In
// the checksum a length counts as its 4 bytes, or 8 if it needs more.
absl::Status AppendStrings(absl::Span<const std::string> strings,
                           CheckedAppender& out) {
  for (const std::string& s : strings) {
    std::string varint, fixed;
    AppendVarint(s.size(), &varint);
    AppendFixed32(static_cast<uint32_t>(s.size()), &fixed);
    if (s.size() > 0xffffffff) AppendFixed32(s.size() >> 32, &fixed);
    TRELLIS_RETURN_IF_ERROR(out.AppendAs(varint, fixed));
  }
  std::string lengths_crc;
  AppendFixed32(out.masked_crc(), &lengths_crc);
  TRELLIS_RETURN_IF_ERROR(out.Append(lengths_crc));
  for (const std::string& s : strings) TRELLIS_RETURN_IF_ERROR(out.Append(s));
  return absl::OkStatus();
}

absl::Status CheckName(absl::string_view name) {
  if (name.empty()) {
    return absl::InvalidArgumentError("a tensor needs a name");
  }
  if (IsSliceKey(name)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the name \"", absl::CHexEscape(name), "\" begins with a zero byte"));
  }
  return absl::OkStatus();
}

absl::Status CheckType(DType dtype) {
  if (DTypeSize(dtype) > 0 || dtype == kString) return absl::OkStatus();
  return absl::UnimplementedError(absl::StrCat(
      "a checkpoint cannot hold elements of type ", DTypeName(dtype)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<TensorBundleWriter>> TensorBundleWriter::Create(
    FileSystem& files, absl::string_view prefix, const Options& options) {
  if (options.data_alignment < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("the alignment is ", options.data_alignment));
  }
  if (BaseName(prefix).empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the checkpoint prefix \"", prefix, "\" does not end in a name"));
  }
  if (const auto info = files.Info(prefix); info.ok() && info->is_directory) {
    return absl::FailedPreconditionError(
        absl::StrCat(prefix, ": is a folder, not a checkpoint prefix"));
  }
  TRELLIS_RETURN_IF_ERROR(files.CreateDirs(DirName(prefix)));
  std::unique_ptr<TensorBundleWriter> writer(
      new TensorBundleWriter(files, prefix, options));
  TRELLIS_ASSIGN_OR_RETURN(
      writer->data_, NewTemporaryFile(files, BundleDataPath(prefix, 0, 1)));
  return writer;
}

TensorBundleWriter::~TensorBundleWriter() {
  // The name is gone after Finish.
  if (!data_.path.empty()) files_.Delete(data_.path).IgnoreError();
}

absl::Status TensorBundleWriter::Keep(absl::Status status) {
  if (!status.ok()) {
    status_ = absl::Status(status.code(),
                           absl::StrCat(prefix_, ": ", status.message()));
  }
  return status_;
}

absl::Status TensorBundleWriter::Add(absl::string_view name,
                                     const Tensor& tensor) {
  TRELLIS_RETURN_IF_ERROR(status_);
  absl::Status status = CheckName(name);
  if (status.ok()) status = AddEntry(name, tensor);
  return Keep(std::move(status));
}

absl::Status TensorBundleWriter::AddSlice(absl::string_view name,
                                          const Shape& full_shape,
                                          const TensorSlice& slice,
                                          const Tensor& part) {
  TRELLIS_RETURN_IF_ERROR(status_);
  absl::Status status = CheckName(name);
  if (status.ok()) status = AddPart(name, full_shape, slice, part);
  return Keep(std::move(status));
}

absl::Status TensorBundleWriter::AddEntry(absl::string_view key,
                                          const Tensor& tensor) {
  TRELLIS_RETURN_IF_ERROR(CheckType(tensor.dtype()));
  if (index_.entries.find(key) != index_.entries.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("tensor \"", absl::CHexEscape(key), "\" is given twice"));
  }
  CheckedAppender out(*data_.file);
  if (tensor.dtype() == kString) {
    TRELLIS_RETURN_IF_ERROR(AppendStrings(tensor.flat<std::string>(), out));
  } else if (tensor.bytes() > 0) {
    TRELLIS_RETURN_IF_ERROR(out.Append(absl::string_view(
        static_cast<const char*>(tensor.data()), tensor.bytes())));
  }
  BundleEntry& entry = index_.entries[std::string(key)];
  entry.dtype = tensor.dtype();
  entry.shape = tensor.shape();
  entry.offset = offset_;
  entry.size = out.size();
  entry.crc32c = out.masked_crc();
  offset_ += out.size();
  const int64_t past = offset_ % options_.data_alignment;
  if (past == 0) return absl::OkStatus();
  const std::string padding(options_.data_alignment - past, '\0');
  offset_ += padding.size();
  return data_.file->Append(padding);
}

absl::Status TensorBundleWriter::AddPart(absl::string_view name,
                                         const Shape& full_shape,
                                         const TensorSlice& slice,
                                         const Tensor& part) {
  if (!full_shape.fully_defined()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "tensor \"", name, "\": the full shape is ", full_shape.ToString()));
  }
  TRELLIS_ASSIGN_OR_RETURN(TensorRegion region, RegionOf(slice, full_shape));
  if (part.shape() != region.shape) {
    return absl::InvalidArgumentError(absl::StrCat(
        "tensor \"", name, "\": slice ", slice.ToString(), " has the shape ",
        region.shape.ToString(), ", given is ", part.shape().ToString()));
  }
  if (region.Covers(full_shape)) return AddEntry(name, part);

  const auto found = index_.entries.find(name);
  if (found != index_.entries.end()) {
    const BundleEntry& before = found->second;
    if (before.slices.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("tensor \"", name, "\" is given twice"));
    }
    if (before.dtype != part.dtype() || before.shape != full_shape) {
      return absl::InvalidArgumentError(absl::StrCat(
          "tensor \"", name, "\": one slice is of ", DTypeName(before.dtype),
          before.shape.ToString(), ", another of ", DTypeName(part.dtype()),
          full_shape.ToString()));
    }
  }
  std::vector<TensorRegion>& regions = regions_[std::string(name)];
  TRELLIS_RETURN_IF_ERROR(CheckDisjointFrom(region, regions));
  regions.push_back(std::move(region));
  TRELLIS_RETURN_IF_ERROR(AddEntry(SliceKey(name, slice), part));
  BundleEntry& summary = index_.entries[std::string(name)];
  summary.dtype = part.dtype();
  summary.shape = full_shape;
  summary.slices.push_back(slice);
  return absl::OkStatus();
}

absl::Status TensorBundleWriter::Finish() {
  TRELLIS_RETURN_IF_ERROR(status_);
  return Keep(Publish());
}

absl::Status TensorBundleWriter::Publish() {
  TRELLIS_RETURN_IF_ERROR(data_.file->Sync());
  TRELLIS_RETURN_IF_ERROR(data_.file->Close());
  TRELLIS_RETURN_IF_ERROR(
      PublishBundle(files_, prefix_, {data_.path}, std::move(index_)));
  data_.path.clear();
  return absl::OkStatus();
}

}  // namespace trellis
