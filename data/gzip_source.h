// Bytes in memory that may be compressed with gzip, read from front to back.
#ifndef TRELLIS_DATA_GZIP_SOURCE_H_
#define TRELLIS_DATA_GZIP_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

struct z_stream_s;

namespace trellis {

// Reads the bytes as they are, or, if they begin as a gzip file does (RFC 1952:
// 1f 8b), what they inflate to; members of such a file follow each other.
// Borrows the bytes for its life. One thread at a time.
class GzipSource {
 public:
  explicit GzipSource(absl::Span<const uint8_t> bytes);
  ~GzipSource();
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  // Fills `to` from the front and returns how many bytes were left to do so:
  // fewer than asked only at the end. Errors: DataLoss if the gzip stream is
  // damaged, cut short or followed by something else. A member's checksum is
  // verified once a read asks for more than the member holds.
  absl::StatusOr<size_t> Read(absl::Span<uint8_t> to);

 private:
  absl::StatusOr<size_t> Inflate(absl::Span<uint8_t> to);
  absl::Status BeginMember();

  absl::Span<const uint8_t> rest_;      // not yet consumed
  std::unique_ptr<z_stream_s> stream_;  // null: bytes are read as they are
  bool in_member_ = false;
};

}  // namespace trellis

#endif  // TRELLIS_DATA_GZIP_SOURCE_H_
