#include "trellis/io/coding.h"

#include <cstdint>
#include <limits>
#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace trellis {
namespace {

TEST(CodingTest, FixedNumbersAreLittleEndian) {
  std::string bytes;
  AppendFixed32(0x01020304, &bytes);
  AppendFixed64(0x05060708090a0b0c, &bytes);
  EXPECT_EQ(bytes, "\x04\x03\x02\x01\x0c\x0b\x0a\x09\x08\x07\x06\x05");
  EXPECT_EQ(DecodeFixed32(bytes.data()), 0x01020304u);
  EXPECT_EQ(DecodeFixed64(bytes.data() + 4), 0x05060708090a0b0cu);
}

TEST(CodingTest, VarintsComeBackAndLeaveTheRest) {
  for (int bit = 0; bit < 64; ++bit) {
    for (const uint64_t v : {(uint64_t{1} << bit) - 1, uint64_t{1} << bit,
                             std::numeric_limits<uint64_t>::max() >> bit}) {
      std::string bytes;
      AppendVarint(v, &bytes);
      bytes += "rest";
      absl::string_view in = bytes;
      uint64_t out;
      ASSERT_TRUE(ConsumeVarint64(&in, &out)) << v;
      EXPECT_EQ(out, v);
      EXPECT_EQ(in, "rest");
    }
  }
}

TEST(CodingTest, VarintsHaveTheBytesOfTheFormat) {
  std::string bytes;
  AppendVarint(300, &bytes);
  EXPECT_EQ(bytes, "\xac\x02");
}

TEST(CodingTest, BrokenVarintsAreRefusedAndNothingIsConsumed) {
  const std::string nine_high(9, '\xff');
  for (const std::string& bytes :
       {std::string(), std::string("\x80"), std::string(10, '\xff'),
        std::string(11, '\x80'), nine_high + "\x02"}) {
    absl::string_view in = bytes;
    uint64_t v;
    EXPECT_FALSE(ConsumeVarint64(&in, &v));
    EXPECT_EQ(in, bytes);
  }
}

TEST(CodingTest, AVarint32MustFit32Bits) {
  std::string bytes;
  AppendVarint(uint64_t{1} << 32, &bytes);
  absl::string_view in = bytes;
  uint32_t v;
  EXPECT_FALSE(ConsumeVarint32(&in, &v));
  EXPECT_EQ(in, bytes);

  bytes.clear();
  AppendVarint(0xffffffff, &bytes);
  in = bytes;
  EXPECT_TRUE(ConsumeVarint32(&in, &v));
  EXPECT_EQ(v, 0xffffffff);
}

TEST(CodingTest, AFixed32NeedsFourBytes) {
  absl::string_view in = "abc";
  uint32_t v;
  EXPECT_FALSE(ConsumeFixed32(&in, &v));
  EXPECT_EQ(in, "abc");
}

}  // namespace
}  // namespace trellis
