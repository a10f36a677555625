// Zip archives, as far as .npz files need them: stored and deflated members,
// read with zip64 (which NumPy writes for large arrays), written without.
//
//   for each member: local header, name, extra field, data
//   for each member: central header (46 bytes), name, extra field, comment
//   [zip64: end record (56 bytes) and its locator (20 bytes)]
//   end record (22 bytes), comment
//
// Source: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification", 6.3.10.
#ifndef TRELLIS_IO_ZIP_H_
#define TRELLIS_IO_ZIP_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace trellis {

struct ZipMember {
  std::string name;
  std::string data;
};

// All members of an archive in memory, unpacked and checked against their
// CRC-32, in the order of the central directory. InvalidArgument if it is none,
// or encrypted, split or compressed by other means; DataLoss if it is damaged.
// Members that share bytes of the archive are damage, so the result is at most
// some 1032 times as large as the archive.
absl::StatusOr<std::vector<ZipMember>> ParseZip(absl::string_view bytes);

// An archive with these members, stored, dated 1980-01-01. InvalidArgument past
// 4 GiB or 65534 members.
absl::StatusOr<std::string> SerializeZip(absl::Span<const ZipMember> members);

}  // namespace trellis

#endif  // TRELLIS_IO_ZIP_H_
