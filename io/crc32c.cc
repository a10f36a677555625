#include "trellis/io/crc32c.h"

#include <nmmintrin.h>

#include <array>
#include <cstddef>
#include <cstring>

namespace trellis {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;  // reflected

// A linear map of 32-bit words over GF(2): column i is the image of bit i.
using Matrix = std::array<uint32_t, 32>;

constexpr uint32_t Apply(const Matrix& matrix, uint32_t v) {
  uint32_t image = 0;
  for (int bit = 0; v != 0; ++bit, v >>= 1) {
    if (v & 1) image ^= matrix[bit];
  }
  return image;
}

constexpr Matrix Squared(const Matrix& matrix) {
  Matrix square{};
  for (int i = 0; i < 32; ++i) square[i] = Apply(matrix, matrix[i]);
  return square;
}

// What 2^log2_bytes zero bytes do to the register.
constexpr Matrix ZeroBytes(int log2_bytes) {
  Matrix matrix{};  // one zero bit
  matrix[0] = kPolynomial;
  for (int i = 1; i < 32; ++i) matrix[i] = uint32_t{1} << (i - 1);
  for (int i = 0; i < log2_bytes + 3; ++i) matrix = Squared(matrix);
  return matrix;
}

// A Matrix as four lookups, one per byte of the argument.
using ByteTables = std::array<std::array<uint32_t, 256>, 4>;

constexpr ByteTables TablesOf(const Matrix& matrix) {
  ByteTables tables{};
  for (int byte = 0; byte < 4; ++byte) {
    for (uint32_t v = 0; v < 256; ++v) {
      tables[byte][v] = Apply(matrix, v << (8 * byte));
    }
  }
  return tables;
}

inline uint32_t Apply(const ByteTables& tables, uint32_t v) {
  return tables[0][v & 0xff] ^ tables[1][(v >> 8) & 0xff] ^
         tables[2][(v >> 16) & 0xff] ^ tables[3][v >> 24];
}

constexpr std::array<uint32_t, 256> kByteTable = TablesOf(ZeroBytes(0))[0];

constexpr int kLongLog2 = 12, kShortLog2 = 8;
constexpr ByteTables kLongShift = TablesOf(ZeroBytes(kLongLog2));
constexpr ByteTables kShortShift = TablesOf(ZeroBytes(kShortLog2));

inline uint64_t Load(const char* p) {
  uint64_t word;
  std::memcpy(&word, p, sizeof(word));
  return word;
}

// The crc32 instruction takes one word per cycle but answers after three, so
// three neighbouring stretches of 2^kLog2 bytes run side by side; the
// register being linear, the first two results are then moved over the zeros
// that the later stretches stand for. Consumes what it can of [p, end).
template <int kLog2>
inline const char* ThreeAtATime(const char* p, const char* end,
                                const ByteTables& shift, uint64_t& state) {
  constexpr ptrdiff_t kStretch = ptrdiff_t{1} << kLog2;
  while (end - p >= 3 * kStretch) {
    uint64_t a = state, b = 0, c = 0;
    for (const char* stop = p + kStretch; p < stop; p += 8) {
      a = _mm_crc32_u64(a, Load(p));
      b = _mm_crc32_u64(b, Load(p + kStretch));
      c = _mm_crc32_u64(c, Load(p + 2 * kStretch));
    }
    state = Apply(shift, Apply(shift, a) ^ static_cast<uint32_t>(b)) ^ c;
    p += 2 * kStretch;
  }
  return p;
}

}  // namespace

uint32_t ExtendCrc32c(uint32_t crc, absl::string_view data) {
  const char* p = data.data();
  const char* const end = p + data.size();
  uint64_t state = ~crc;
  p = ThreeAtATime<kLongLog2>(p, end, kLongShift, state);
  p = ThreeAtATime<kShortLog2>(p, end, kShortShift, state);
  for (; end - p >= 8; p += 8) state = _mm_crc32_u64(state, Load(p));
  for (; p < end; ++p) {
    state = _mm_crc32_u8(static_cast<uint32_t>(state), *p);
  }
  return ~static_cast<uint32_t>(state);
}

uint32_t internal::ExtendCrc32cByTable(uint32_t crc, absl::string_view data) {
  uint32_t state = ~crc;
  for (const char byte : data) {
    state =
        kByteTable[(state ^ static_cast<uint8_t>(byte)) & 0xff] ^ (state >> 8);
  }
  return ~state;
}

}  // namespace trellis
