#include "trellis/data/idx.h"

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/tests/data/gzip.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Bytes = std::vector<uint8_t>;

// A [2, 3] array.
Bytes TwoByThree() {
  return {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 10, 20, 30, 40, 50, 255};
}

std::string WriteFile(const std::string& name, const Bytes& bytes) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/", name);
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return path;
}

TEST(ParseIdxTest, ShapeAndBytesPlainAndCompressed) {
  for (const Bytes& file : {TwoByThree(), Gzip(TwoByThree())}) {
    const absl::StatusOr<IdxArray> array = ParseIdx(file);
    ASSERT_TRUE(array.ok()) << array.status();
    EXPECT_THAT(array->shape, ElementsAre(2, 3));
    EXPECT_THAT(array->bytes, ElementsAre(10, 20, 30, 40, 50, 255));
  }
}

TEST(ParseIdxTest, DimensionsAreBigEndianAndUnsigned) {
  const Bytes header = {0, 0, 8, 2, 1, 2, 3, 4, 0, 0, 0, 0};
  const absl::StatusOr<IdxArray> array = ParseIdx(header);
  ASSERT_TRUE(array.ok()) << array.status();
  EXPECT_THAT(array->shape, ElementsAre(0x01020304, 0));
  EXPECT_THAT(array->bytes, IsEmpty());
  EXPECT_THAT(ParseIdx({0, 0, 8, 2, 255, 255, 255, 255, 0, 0, 0, 0},
                       {.max_elements = int64_t{1} << 40})
                  ->shape,
              ElementsAre(0xffffffff, 0));
}

TEST(ParseIdxTest, LargeArraysGrowInPieces) {
  Bytes file = {0, 0, 8, 1, 0, 3, 0, 0};  // 196,608 elements
  for (int i = 0; i < 0x30000; ++i) file.push_back(i % 251);
  for (const Bytes& contents : {file, Gzip(file)}) {
    const absl::StatusOr<IdxArray> array = ParseIdx(contents);
    ASSERT_TRUE(array.ok()) << array.status();
    EXPECT_EQ(array->bytes, Bytes(file.begin() + 8, file.end()));
  }
}

TEST(ParseIdxTest, WrongFiles) {
  const struct {
    Bytes file;
    absl::StatusCode code;
    const char* message;
  } cases[] = {
      {{}, absl::StatusCode::kDataLoss, "0 of 4 bytes of the magic number"},
      {{0, 0, 8}, absl::StatusCode::kDataLoss, "3 of 4 bytes of the magic"},
      {{'P', '5', '\n', '2'},
       absl::StatusCode::kInvalidArgument,
       "not an IDX file: it begins with 50 35 0a 32"},
      {{0, 1, 8, 1}, absl::StatusCode::kInvalidArgument, "00 01 08 01"},
      {{1, 0, 8, 1}, absl::StatusCode::kInvalidArgument, "01 00 08 01"},
      {{0, 0, 7, 1}, absl::StatusCode::kInvalidArgument, "00 00 07 01"},
      {{0, 0, 10, 1}, absl::StatusCode::kInvalidArgument, "00 00 0a 01"},
      {{0, 0, 9, 1}, absl::StatusCode::kUnimplemented, "are int8"},
      {{0, 0, 11, 1}, absl::StatusCode::kUnimplemented, "are int16"},
      {{0, 0, 12, 1}, absl::StatusCode::kUnimplemented, "are int32"},
      {{0, 0, 13, 1}, absl::StatusCode::kUnimplemented, "are float32"},
      {{0, 0, 14, 1}, absl::StatusCode::kUnimplemented, "are float64"},
      {{0, 0, 8, 0}, absl::StatusCode::kInvalidArgument, "the rank is 0"},
      {{0, 0, 8, 9}, absl::StatusCode::kResourceExhausted, "the limit is 8"},
      {{0, 0, 8, 2, 0, 0, 0, 1},
       absl::StatusCode::kDataLoss,
       "4 of 8 bytes of the shape"},
      {{0, 0, 8, 1, 0, 0, 0, 3, 1, 2},
       absl::StatusCode::kDataLoss,
       "2 of 3 elements"},
      {{0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3, 4},
       absl::StatusCode::kDataLoss,
       "bytes follow the 3 elements of the shape [3]"},
      {{0, 0, 8, 1, 0, 0, 0, 0, 1},
       absl::StatusCode::kDataLoss,
       "bytes follow the 0 elements"},
      {{0, 0, 8, 1, 0x40, 0, 0, 1},
       absl::StatusCode::kResourceExhausted,
       "[1073741825] has more than 1073741824 elements"},
      {{0, 0, 8, 3, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255},
       absl::StatusCode::kResourceExhausted,
       "[0,4294967295,4294967295]"},
      // As much as the limit allows is promised, and not there.
      {{0, 0, 8, 1, 0x40, 0, 0, 0, 1},
       absl::StatusCode::kDataLoss,
       "1 of 1073741824 elements"},
  };
  for (const auto& c : cases) {
    for (const Bytes& file : {c.file, Gzip(c.file)}) {
      const absl::StatusOr<IdxArray> array = ParseIdx(file);
      EXPECT_EQ(array.status().code(), c.code) << c.message;
      EXPECT_THAT(std::string(array.status().message()), HasSubstr(c.message));
    }
  }
}

TEST(ParseIdxTest, DamagedGzipIsDataLoss) {
  Bytes file = Gzip(TwoByThree());
  file[file.size() - 5] ^= 1;  // of the checksum, behind the last element
  EXPECT_EQ(ParseIdx(file).status().code(), absl::StatusCode::kDataLoss);
}

TEST(ParseIdxTest, LimitsAreTheCallers) {
  EXPECT_TRUE(ParseIdx(TwoByThree(), {.max_elements = 6, .max_rank = 2}).ok());
  for (const IdxLimits limits :
       {IdxLimits{.max_elements = 5}, IdxLimits{.max_rank = 1}}) {
    EXPECT_EQ(ParseIdx(TwoByThree(), limits).status().code(),
              absl::StatusCode::kResourceExhausted);
  }
}

TEST(ReadIdxTest, ContentTellsWhetherAFileIsCompressed) {
  for (const std::string& path :
       {WriteFile("plain.gz", TwoByThree()),
        WriteFile("compressed", Gzip(TwoByThree()))}) {
    const absl::StatusOr<IdxArray> array = ReadIdx(path);
    ASSERT_TRUE(array.ok()) << array.status();
    EXPECT_THAT(array->shape, ElementsAre(2, 3));
    EXPECT_THAT(array->bytes, ElementsAre(10, 20, 30, 40, 50, 255));
  }
}

TEST(ReadIdxTest, ErrorsNameTheFile) {
  const std::string cut = WriteFile("cut", {0, 0, 8});
  const absl::Status status = ReadIdx(cut).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr(cut + ": cut short"));

  const std::string missing = ::testing::TempDir() + "/missing";
  EXPECT_EQ(ReadIdx(missing).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(ReadIdx(missing).status().message()),
              HasSubstr(missing));
  EXPECT_FALSE(ReadIdx(::testing::TempDir()).ok());  // a directory
}

TEST(ReadIdxTest, EndlessFilesAreLeftAtTheLimit) {
  EXPECT_EQ(ReadIdx("/dev/zero", {.max_elements = 1000}).status().code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace trellis
