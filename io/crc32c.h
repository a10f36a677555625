// CRC-32C (Castagnoli), the checksum of every container format here, and its
// masked form. Facts: reflected polynomial 0x82f63b78, initial value and final
// xor 0xffffffff; crc32c("123456789") = 0xe3069283, crc32c("") = 0.
#ifndef TRELLIS_IO_CRC32C_H_
#define TRELLIS_IO_CRC32C_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace trellis {

// The checksum of a‖data, given crc = the checksum of a.
uint32_t ExtendCrc32c(uint32_t crc, absl::string_view data);

inline uint32_t Crc32c(absl::string_view data) { return ExtendCrc32c(0, data); }

// Files store checksums masked, because a checksum over bytes that hold their
// own checksum is weak. Unmask undoes Mask.
inline uint32_t MaskCrc32c(uint32_t crc) {
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

inline uint32_t UnmaskCrc32c(uint32_t masked) {
  const uint32_t rotated = masked - 0xa282ead8u;
  return (rotated >> 17) | (rotated << 15);
}

namespace internal {

// The same as ExtendCrc32c, byte by byte from a table: its reference in tests.
uint32_t ExtendCrc32cByTable(uint32_t crc, absl::string_view data);

}  // namespace internal
}  // namespace trellis

#endif  // TRELLIS_IO_CRC32C_H_
