#include "trellis/io/crc32c.h"

#include <cstdint>
#include <random>
#include <string>

#include "gtest/gtest.h"

namespace trellis {
namespace {

std::string RandomBytes(size_t n, uint32_t seed) {
  std::mt19937 random(seed);
  std::string bytes(n, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

TEST(Crc32cTest, KnownVectors) {
  std::string counting;
  for (int i = 0; i < 32; ++i) counting.push_back(static_cast<char>(i));
  EXPECT_EQ(Crc32c(""), 0u);
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(Crc32c(counting), 0x46dd794eu);
}

TEST(Crc32cTest, MaskIsThatOfTheFormatAndComesBack) {
  EXPECT_EQ(MaskCrc32c(0), 0xa282ead8u);
  EXPECT_EQ(MaskCrc32c(0xe3069283u), 0xc78ab0e5u);
  for (const uint32_t crc : {0u, 1u, 0x80000000u, 0xffffffffu, 0xe3069283u}) {
    EXPECT_EQ(UnmaskCrc32c(MaskCrc32c(crc)), crc);
  }
}

// Sizes around one and several rounds of both interleaved loops.
TEST(Crc32cTest, EqualsTheTableAtEverySizeAndAlignment) {
  const std::string bytes = RandomBytes(40000, 1);
  for (const size_t size : {1, 7, 8, 9, 255, 767, 768, 769, 1535, 1536, 12287,
                            12288, 12289, 13056, 24575, 24576, 39000}) {
    for (size_t offset = 0; offset < 9; ++offset) {
      const absl::string_view part =
          absl::string_view(bytes).substr(offset, size);
      EXPECT_EQ(ExtendCrc32c(7, part), internal::ExtendCrc32cByTable(7, part))
          << size << " bytes at " << offset;
    }
  }
  for (size_t size = 0; size < 900; ++size) {
    const absl::string_view part = absl::string_view(bytes).substr(0, size);
    EXPECT_EQ(Crc32c(part), internal::ExtendCrc32cByTable(0, part)) << size;
  }
}

TEST(Crc32cTest, ExtendingByPartsEqualsTheWhole) {
  const std::string bytes = RandomBytes(30000, 2);
  const absl::string_view view = bytes;
  const uint32_t whole = Crc32c(view);
  for (size_t cut = 0; cut <= bytes.size(); cut += 997) {
    EXPECT_EQ(ExtendCrc32c(Crc32c(view.substr(0, cut)), view.substr(cut)),
              whole);
  }
}

}  // namespace
}  // namespace trellis
