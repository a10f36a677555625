#include "trellis/io/zip.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/io/coding.h"

namespace trellis {
namespace {

constexpr uint32_t kLocalHeader = 0x04034b50;
constexpr uint32_t kCentralHeader = 0x02014b50;
constexpr uint32_t kEndRecord = 0x06054b50;
constexpr uint32_t kZip64EndRecord = 0x06064b50;
constexpr uint32_t kZip64Locator = 0x07064b50;
constexpr size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22;
constexpr size_t kZip64EndSize = 56, kZip64LocatorSize = 20;
constexpr uint32_t kUnknown32 = 0xFFFFFFFF;  // the number is in a zip64 field
constexpr uint16_t kUnknown16 = 0xFFFF;
constexpr uint16_t kZip64Field = 1;
constexpr uint16_t kEncrypted = 1;  // flag
constexpr uint16_t kUtf8Names = 1 << 11;
constexpr uint16_t kStored = 0, kDeflated = 8;  // methods
constexpr uint64_t kMaxDeflateRatio = 1032;
constexpr uint16_t kVersion = 20;       // of the format: 2.0
constexpr uint16_t kFirstDay = 0x0021;  // 1980-01-01

uint16_t Fixed16(const char* p) {
  uint16_t v;
  std::memcpy(&v, p, sizeof(v));
  return v;
}

void AppendFixed16(uint16_t v, std::string* out) {
  out->push_back(static_cast<char>(v & 0xFF));
  out->push_back(static_cast<char>(v >> 8));
}

absl::Status Damaged(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("zip archive is damaged: ", what));
}

struct Directory {
  uint64_t count = 0;
  uint64_t offset = 0;
};

// What the central directory says of a member.
struct Entry {
  std::string name;
  uint16_t flags = 0;
  uint16_t method = 0;
  uint32_t crc = 0;
  uint64_t packed_size = 0;
  uint64_t size = 0;
  uint64_t offset = 0;  // of the local header
};

// The end record, which a comment of up to 65535 bytes may follow.
std::optional<size_t> FindEndRecord(absl::string_view bytes) {
  if (bytes.size() < kEndSize) return std::nullopt;
  const size_t last = bytes.size() - kEndSize;
  const size_t first = last > kUnknown16 ? last - kUnknown16 : 0;
  for (size_t at = last + 1; at-- > first;) {
    if (DecodeFixed32(&bytes[at]) == kEndRecord &&
        Fixed16(&bytes[at + 20]) == last - at) {
      return at;
    }
  }
  return std::nullopt;
}

absl::StatusOr<Directory> FindDirectory(absl::string_view bytes) {
  const std::optional<size_t> end = FindEndRecord(bytes);
  if (!end) return absl::InvalidArgumentError("not a zip archive");
  const char* record = &bytes[*end];
  if (Fixed16(record + 4) != 0 || Fixed16(record + 6) != 0) {
    return absl::InvalidArgumentError("zip archive is split into several");
  }
  Directory directory{Fixed16(record + 10), DecodeFixed32(record + 16)};
  if (directory.count != kUnknown16 && directory.offset != kUnknown32) {
    return directory;
  }
  if (*end < kZip64LocatorSize) return Damaged("no zip64 locator");
  const char* locator = &bytes[*end - kZip64LocatorSize];
  if (DecodeFixed32(locator) != kZip64Locator) {
    return directory;  // it has just that many
  }
  const uint64_t at = DecodeFixed64(locator + 8);
  if (bytes.size() < kZip64EndSize || at > bytes.size() - kZip64EndSize ||
      DecodeFixed32(&bytes[at]) != kZip64EndRecord) {
    return Damaged("no zip64 end record");
  }
  return Directory{DecodeFixed64(&bytes[at + 32]),
                   DecodeFixed64(&bytes[at + 48])};
}

// Fills in the numbers that the central header has no room for.
absl::Status ReadZip64Field(absl::string_view extra, Entry* entry) {
  std::vector<uint64_t*> missing;
  for (uint64_t* number : {&entry->size, &entry->packed_size, &entry->offset}) {
    if (*number == kUnknown32) missing.push_back(number);
  }
  while (!missing.empty() && extra.size() >= 4) {
    const uint16_t id = Fixed16(extra.data());
    const uint16_t size = Fixed16(extra.data() + 2);
    extra.remove_prefix(4);
    if (extra.size() < size) return Damaged("extra field is cut short");
    if (id == kZip64Field) {
      if (size < 8 * missing.size()) return Damaged("short zip64 field");
      for (size_t i = 0; i < missing.size(); ++i) {
        *missing[i] = DecodeFixed64(extra.data() + 8 * i);
      }
      return absl::OkStatus();
    }
    extra.remove_prefix(size);
  }
  return absl::OkStatus();
}

absl::StatusOr<Entry> ConsumeEntry(absl::string_view* directory) {
  if (directory->size() < kCentralSize ||
      DecodeFixed32(directory->data()) != kCentralHeader) {
    return Damaged("central directory is cut short");
  }
  const char* header = directory->data();
  Entry entry{.flags = Fixed16(header + 8),
              .method = Fixed16(header + 10),
              .crc = DecodeFixed32(header + 16),
              .packed_size = DecodeFixed32(header + 20),
              .size = DecodeFixed32(header + 24),
              .offset = DecodeFixed32(header + 42)};
  const size_t name = Fixed16(header + 28), extra = Fixed16(header + 30),
               comment = Fixed16(header + 32);
  directory->remove_prefix(kCentralSize);
  if (directory->size() < name + extra + comment) {
    return Damaged("central directory is cut short");
  }
  entry.name = std::string(directory->substr(0, name));
  TRELLIS_RETURN_IF_ERROR(
      ReadZip64Field(directory->substr(name, extra), &entry));
  directory->remove_prefix(name + extra + comment);
  return entry;
}

// Where the packed bytes of a member are.
absl::StatusOr<absl::string_view> PackedBytes(absl::string_view bytes,
                                              const Entry& entry) {
  if (bytes.size() < kLocalSize || entry.offset > bytes.size() - kLocalSize ||
      DecodeFixed32(&bytes[entry.offset]) != kLocalHeader) {
    return Damaged(absl::StrCat(entry.name, " has no header"));
  }
  const char* header = &bytes[entry.offset];
  bytes.remove_prefix(entry.offset + kLocalSize);
  const size_t skip = size_t{Fixed16(header + 26)} + Fixed16(header + 28);
  if (bytes.size() < skip || bytes.size() - skip < entry.packed_size) {
    return Damaged(absl::StrCat(entry.name, " is cut short"));
  }
  return bytes.substr(skip, entry.packed_size);
}

absl::StatusOr<std::string> Inflate(absl::string_view packed, uint64_t size) {
  if (size > kMaxDeflateRatio * (packed.size() + 1)) {
    return Damaged("a member is larger than it can be");
  }
  std::string data(size, '\0');
  z_stream stream = {};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
    return absl::ResourceExhaustedError("no memory to inflate a zip member");
  }
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.next_out = reinterpret_cast<Bytef*>(data.data());
  // zlib counts in 32 bits.
  constexpr uint64_t kPiece = 1 << 30;
  uint64_t in_left = packed.size(), out_left = size;
  int result = Z_OK;
  while (result == Z_OK) {
    const uint64_t in = std::min(in_left, kPiece);
    const uint64_t out = std::min(out_left, kPiece);
    stream.avail_in = static_cast<uInt>(in);
    stream.avail_out = static_cast<uInt>(out);
    result = inflate(&stream, Z_NO_FLUSH);
    in_left -= in - stream.avail_in;
    out_left -= out - stream.avail_out;
  }
  inflateEnd(&stream);
  if (result != Z_STREAM_END || in_left != 0 || out_left != 0) {
    return Damaged("a member does not inflate to its size");
  }
  return data;
}

uint32_t Crc32(absl::string_view data) {
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size()));
}

absl::StatusOr<std::string> Unpack(absl::string_view bytes,
                                   const Entry& entry) {
  if ((entry.flags & kEncrypted) != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("zip member ", entry.name, " is encrypted"));
  }
  TRELLIS_ASSIGN_OR_RETURN(const absl::string_view packed,
                           PackedBytes(bytes, entry));
  std::string data;
  if (entry.method == kStored) {
    data = std::string(packed);
  } else if (entry.method == kDeflated) {
    TRELLIS_ASSIGN_OR_RETURN(data, Inflate(packed, entry.size));
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("zip member ", entry.name, " is packed by method ",
                     entry.method, ", which is not known"));
  }
  if (data.size() != entry.size || Crc32(data) != entry.crc) {
    return Damaged(absl::StrCat(entry.name, " has another size or checksum"));
  }
  return data;
}

// The fields that local and central header share.
void AppendCommon(const ZipMember& member, uint32_t crc, std::string* out) {
  AppendFixed16(kVersion, out);
  AppendFixed16(kUtf8Names, out);
  AppendFixed16(kStored, out);
  AppendFixed16(0, out);  // time
  AppendFixed16(kFirstDay, out);
  AppendFixed32(crc, out);
  AppendFixed32(static_cast<uint32_t>(member.data.size()), out);
  AppendFixed32(static_cast<uint32_t>(member.data.size()), out);
  AppendFixed16(static_cast<uint16_t>(member.name.size()), out);
  AppendFixed16(0, out);  // extra field
}

void AppendCentralHeader(const ZipMember& member, uint32_t crc, uint32_t offset,
                         std::string* out) {
  AppendFixed32(kCentralHeader, out);
  AppendFixed16(kVersion, out);
  AppendCommon(member, crc, out);
  AppendFixed16(0, out);  // comment
  AppendFixed16(0, out);  // disk
  AppendFixed16(0, out);  // internal attributes
  AppendFixed32(0, out);  // external attributes
  AppendFixed32(offset, out);
  out->append(member.name);
}

}  // namespace

absl::StatusOr<std::vector<ZipMember>> ParseZip(absl::string_view bytes) {
  TRELLIS_ASSIGN_OR_RETURN(const Directory directory, FindDirectory(bytes));
  if (directory.offset > bytes.size()) return Damaged("no central directory");
  absl::string_view rest = bytes.substr(directory.offset);
  std::vector<ZipMember> members;
  uint64_t unpacked_from = 0;
  for (uint64_t i = 0; i < directory.count; ++i) {
    TRELLIS_ASSIGN_OR_RETURN(Entry entry, ConsumeEntry(&rest));
    if (entry.packed_size > bytes.size() - unpacked_from) {
      return Damaged("members share bytes");
    }
    unpacked_from += entry.packed_size;
    TRELLIS_ASSIGN_OR_RETURN(std::string data, Unpack(bytes, entry));
    members.push_back({std::move(entry.name), std::move(data)});
  }
  return members;
}

absl::StatusOr<std::string> SerializeZip(absl::Span<const ZipMember> members) {
  std::string out;
  std::string directory;
  for (const ZipMember& member : members) {
    if (member.name.size() >= kUnknown16 || member.data.size() >= kUnknown32 ||
        out.size() >= kUnknown32) {
      return absl::InvalidArgumentError(
          "too large for a zip archive: it can have 4 GiB");
    }
    const uint32_t crc = Crc32(member.data);
    AppendCentralHeader(member, crc, static_cast<uint32_t>(out.size()),
                        &directory);
    AppendFixed32(kLocalHeader, &out);
    AppendCommon(member, crc, &out);
    out += member.name;
    out += member.data;
  }
  if (members.size() >= kUnknown16 || out.size() >= kUnknown32 ||
      directory.size() >= kUnknown32) {
    return absl::InvalidArgumentError(
        "too large for a zip archive: it can have 4 GiB and 65534 members");
  }
  const uint32_t offset = static_cast<uint32_t>(out.size());
  out += directory;
  AppendFixed32(kEndRecord, &out);
  AppendFixed32(0, &out);  // disks
  AppendFixed16(static_cast<uint16_t>(members.size()), &out);
  AppendFixed16(static_cast<uint16_t>(members.size()), &out);
  AppendFixed32(static_cast<uint32_t>(directory.size()), &out);
  AppendFixed32(offset, &out);
  AppendFixed16(0, &out);  // comment
  return out;
}

}  // namespace trellis
