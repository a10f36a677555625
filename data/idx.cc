#include "trellis/data/idx.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "trellis/base/status_macros.h"
#include "trellis/data/gzip_source.h"

namespace trellis {
namespace {

constexpr uint8_t kUnsignedByte = 8;
constexpr size_t kFirstPiece = 64 << 10;

absl::Status ReadFully(GzipSource& source, absl::string_view part,
                       absl::Span<uint8_t> to) {
  TRELLIS_ASSIGN_OR_RETURN(const size_t count, source.Read(to));
  if (count == to.size()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("cut short: ", count, " of ",
                                          to.size(), " bytes of the ", part));
}

// What the type codes other than kUnsignedByte mean; empty for no type.
absl::string_view OtherType(uint8_t code) {
  switch (code) {
    case 0x09:
      return "int8";
    case 0x0b:
      return "int16";
    case 0x0c:
      return "int32";
    case 0x0d:
      return "float32";
    case 0x0e:
      return "float64";
    default:
      return "";
  }
}

// Reads the first four bytes and returns the rank.
absl::StatusOr<int64_t> ReadMagic(GzipSource& source, const IdxLimits& limits) {
  std::array<uint8_t, 4> magic;
  TRELLIS_RETURN_IF_ERROR(
      ReadFully(source, "magic number", absl::MakeSpan(magic)));
  const auto [zero0, zero1, type, rank] = magic;
  const absl::string_view other = OtherType(type);
  if (zero0 != 0 || zero1 != 0 || (type != kUnsignedByte && other.empty())) {
    return absl::InvalidArgumentError(
        absl::StrFormat("not an IDX file: it begins with %02x %02x %02x %02x",
                        zero0, zero1, type, rank));
  }
  if (!other.empty()) {
    return absl::UnimplementedError(absl::StrCat(
        "elements are ", other, "; only unsigned bytes (type 8) are read"));
  }
  if (rank == 0) {
    return absl::InvalidArgumentError("the rank is 0, must be at least 1");
  }
  if (rank > limits.max_rank) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the rank is ", rank, ", the limit is ", limits.max_rank));
  }
  return rank;
}

absl::StatusOr<std::vector<int64_t>> ReadShape(GzipSource& source,
                                               int64_t rank) {
  std::vector<uint8_t> header(4 * rank);
  TRELLIS_RETURN_IF_ERROR(ReadFully(source, "shape", absl::MakeSpan(header)));
  std::vector<int64_t> shape(rank);
  for (size_t i = 0; i < header.size(); ++i) {
    shape[i / 4] = shape[i / 4] << 8 | header[i];
  }
  return shape;
}

// The product of the shape. That of its dimensions but the zeros is within the
// limit too, so no product of some of them overflows later.
absl::StatusOr<int64_t> NumElements(absl::Span<const int64_t> shape,
                                    const IdxLimits& limits) {
  int64_t product = 1;
  for (const int64_t size : shape) {
    if (size == 0) continue;
    if (product > limits.max_elements / size) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "the shape [", absl::StrJoin(shape, ","), "] has more than ",
          limits.max_elements, " elements, the limit"));
    }
    product *= size;
  }
  const bool empty = std::find(shape.begin(), shape.end(), 0) != shape.end();
  return empty ? 0 : product;
}

// Grows with what the source really holds: a header that promises too much
// costs no memory.
absl::StatusOr<std::vector<uint8_t>> ReadElements(GzipSource& source,
                                                  size_t count) {
  std::vector<uint8_t> elements;
  for (size_t read = 0; read < count;) {
    elements.resize(std::min(count, std::max(kFirstPiece, 2 * read)));
    TRELLIS_ASSIGN_OR_RETURN(
        const size_t got, source.Read(absl::MakeSpan(elements).subspan(read)));
    read += got;
    if (read < elements.size()) {
      return absl::DataLossError(
          absl::StrCat("cut short: ", read, " of ", count, " elements"));
    }
  }
  return elements;
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// The first `limit` bytes of a file, or all of it if it has fewer.
absl::StatusOr<std::vector<uint8_t>> ReadFile(const std::string& path,
                                              size_t limit) {
  const std::unique_ptr<std::FILE, CloseFile> file(
      std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return absl::ErrnoToStatus(errno, "open");
  std::vector<uint8_t> contents;
  size_t read = 0;
  while (read == contents.size() && read < limit) {
    contents.resize(std::min(limit, std::max(kFirstPiece, 2 * read)));
    read += std::fread(contents.data() + read, 1, contents.size() - read,
                       file.get());
    if (std::ferror(file.get())) return absl::ErrnoToStatus(errno, "read");
  }
  contents.resize(read);
  return contents;
}

// A file of more bytes breaks the limit on elements. gzip adds to what it
// cannot compress 5 bytes per block, and some headers.
size_t MaxFileSize(const IdxLimits& limits) {
  const size_t elements = static_cast<size_t>(limits.max_elements);
  return elements + elements / 1024 + kFirstPiece;
}

absl::StatusOr<IdxArray> ReadIdxFile(const std::string& path,
                                     const IdxLimits& limits) {
  const size_t max_size = MaxFileSize(limits);
  TRELLIS_ASSIGN_OR_RETURN(const std::vector<uint8_t> contents,
                           ReadFile(path, max_size + 1));
  if (contents.size() > max_size) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the file has more than ", max_size, " bytes, the limit"));
  }
  return ParseIdx(contents, limits);
}

}  // namespace

absl::StatusOr<IdxArray> ParseIdx(absl::Span<const uint8_t> contents,
                                  const IdxLimits& limits) {
  GzipSource source(contents);
  IdxArray array;
  TRELLIS_ASSIGN_OR_RETURN(const int64_t rank, ReadMagic(source, limits));
  TRELLIS_ASSIGN_OR_RETURN(array.shape, ReadShape(source, rank));
  TRELLIS_ASSIGN_OR_RETURN(const int64_t count,
                           NumElements(array.shape, limits));
  TRELLIS_ASSIGN_OR_RETURN(array.bytes, ReadElements(source, count));
  uint8_t extra;
  TRELLIS_ASSIGN_OR_RETURN(const size_t extras,
                           source.Read(absl::MakeSpan(&extra, 1)));
  if (extras != 0) {
    return absl::DataLossError(
        absl::StrCat("bytes follow the ", count, " elements of the shape [",
                     absl::StrJoin(array.shape, ","), "]"));
  }
  return array;
}

absl::StatusOr<IdxArray> ReadIdx(absl::string_view path,
                                 const IdxLimits& limits) {
  absl::StatusOr<IdxArray> array = ReadIdxFile(std::string(path), limits);
  if (array.ok()) return array;
  return absl::Status(array.status().code(),
                      absl::StrCat(path, ": ", array.status().message()));
}

}  // namespace trellis
